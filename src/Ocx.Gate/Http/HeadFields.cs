using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Ocx.Mcp.Http;

namespace Ocx.Gate.Http;

/// <summary>
/// What the fields of a head say of the body, read byte by byte. Of a name or a value that matters the beginning is
/// kept, which is all that tells them apart.
/// </summary>
internal struct HeadFields
{
    private Text _text;
    private long _length;
    private uint _lastFour;
    private int _textLength;
    private int _textEnd;
    private short _status;
    private Field _field;
    private ContentKind _kind;
    private bool _hasLength;
    private bool _lengthIsFaulty;
    private bool _hasTransferCoding;
    private ContentKind _kindBefore;
    private bool _hasType;
    private bool _typeIsFaulty;

    private enum Field : byte
    {
        None,
        Other,
        ContentLength,
        TransferEncoding,
        ContentEncoding,
        ContentType,
    }

    /// <summary>The status code.</summary>
    public int Status
    {
        readonly get => _status;
        set => _status = (short)value;
    }

    /// <summary>The body's length; -1 when there is none, or chunks say it.</summary>
    public readonly long ContentLength => _hasLength ? _length : -1;

    /// <summary>The last transfer coding is chunked.</summary>
    public bool IsChunked { get; private set; }

    /// <summary>The body is coded (Content-Encoding).</summary>
    public bool IsContentCoded { get; private set; }

    /// <summary>The body is coded beneath chunked (Transfer-Encoding).</summary>
    public bool IsTransferCoded { get; private set; }

    /// <summary>What the body is.</summary>
    public readonly ContentKind Content => _kind;

    /// <summary>True in the value of a field that matters.</summary>
    public readonly bool WantsValue => _field > Field.Other;

    /// <summary>A name begins.</summary>
    public void BeginName() => (_textLength, _textEnd) = (0, 0);

    /// <summary>Takes a byte of a name; true when it ends one that tells of the body's bytes.</summary>
    public bool TakeName(byte next)
    {
        Append(next);
        return IsBodyField(Kept);
    }

    /// <summary>The name is complete, and a value begins.</summary>
    /// <param name="inTrailers">It stands in trailers, which say nothing of the framing.</param>
    public void EndName(bool inTrailers)
    {
        ReadOnlySpan<byte> name = Kept;
        _field =
            inTrailers ? Field.Other
            : name.SequenceEqual("content-length"u8) ? Field.ContentLength
            : name.SequenceEqual("transfer-encoding"u8) ? Field.TransferEncoding
            : name.SequenceEqual("content-encoding"u8) ? Field.ContentEncoding
            : name.SequenceEqual("content-type"u8) ? Field.ContentType
            : Field.Other;
        (_textLength, _textEnd, _lastFour) = (0, 0, 0);
        _kind = _field == Field.ContentType ? ContentKind.Other : _kind;
    }

    /// <summary>The value goes on in the next line; false when there is none.</summary>
    public bool TryFold()
    {
        TakeValue((byte)' ');
        return _field != Field.None;
    }

    /// <summary>Takes a byte of a value that matters.</summary>
    public void TakeValue(byte next)
    {
        bool isList = _field is Field.ContentLength or Field.TransferEncoding or Field.ContentEncoding;
        if (isList && next == ',')
        {
            EndElement();
            return;
        }

        _typeIsFaulty |= _field == Field.ContentType && next == ','; // two types in one field
        Append(next);
        _lastFour = (_lastFour << 8) | Lower(next);
        if (_field == Field.ContentType && _kind == ContentKind.Other)
        {
            const uint Json = 0x6a736f6e;
            _kind =
                Kept.SequenceEqual("text/event-stream"u8) ? ContentKind.EventStream
                : _lastFour == Json ? ContentKind.Json
                : ContentKind.Other;
        }
    }

    /// <summary>The value is complete.</summary>
    public void EndValue()
    {
        if (_field is Field.ContentLength or Field.TransferEncoding or Field.ContentEncoding)
        {
            EndElement();
        }
        else if (_field == Field.ContentType)
        {
            _typeIsFaulty |= _hasType && _kind != _kindBefore;
            (_hasType, _kindBefore) = (true, _kind);
        }

        _field = Field.None;
    }

    /// <summary>
    /// All fields are known. False when readers may find different bodies: one with two lengths or with a length and a
    /// transfer coding (RFC 9112, 6.3), or with two types.
    /// </summary>
    /// <param name="isEmpty">The response has no body, whatever its fields say.</param>
    public bool TrySettle(bool isEmpty)
    {
        if (_lengthIsFaulty || (!isEmpty && (_typeIsFaulty || (_hasTransferCoding && _hasLength))))
        {
            return false;
        }

        if (isEmpty)
        {
            (_hasLength, _length, IsChunked) = (true, 0, false);
        }
        else if (_hasTransferCoding)
        {
            _hasLength = false;
        }

        return true;
    }

    // The text without the blanks around it, in small letters; empty when it is longer than any that matters.
    [UnscopedRef]
    private readonly ReadOnlySpan<byte> Kept =>
        _textLength > Text.Length ? [] : ((ReadOnlySpan<byte>)_text)[.._textEnd];

    private static byte Lower(byte next) => next is >= (byte)'A' and <= (byte)'Z' ? (byte)(next | 0x20) : next;

    // Digests, and what says how the bytes are coded.
    private static bool IsBodyField(ReadOnlySpan<byte> name) =>
        name.Length switch
        {
            4 => name.SequenceEqual("etag"u8),
            6 => name.SequenceEqual("digest"u8),
            9 => name.SequenceEqual("signature"u8),
            11 => name.SequenceEqual("content-md5"u8) || name.SequenceEqual("repr-digest"u8),
            14 => name.SequenceEqual("content-digest"u8),
            16 => name.SequenceEqual("content-encoding"u8),
            _ => false,
        };

    private void Append(byte next)
    {
        bool isBlank = next is (byte)' ' or (byte)'\t';
        if (isBlank && _textLength == 0)
        {
            return;
        }

        if (_textLength < Text.Length)
        {
            _text[_textLength++] = Lower(next);
            _textEnd = isBlank ? _textEnd : _textLength;
        }
        else if (!isBlank)
        {
            _textLength = Text.Length + 1;
        }
    }

    private void EndElement()
    {
        if (_field == Field.ContentLength)
        {
            TakeLength();
        }
        else
        {
            TakeCoding();
        }

        (_textLength, _textEnd) = (0, 0);
    }

    private void TakeLength()
    {
        long length = 0;
        ReadOnlySpan<byte> digits = Kept;
        bool isNumber = !digits.IsEmpty;
        foreach (byte digit in digits)
        {
            isNumber &= char.IsAsciiDigit((char)digit) && length <= (long.MaxValue - 9) / 10;
            length = isNumber ? (length * 10) + digit - '0' : 0;
        }

        // Two lengths are how messages are smuggled: do not choose one.
        _lengthIsFaulty |= !isNumber || _hasLength;
        (_hasLength, _length) = (true, length);
    }

    private void TakeCoding()
    {
        ReadOnlySpan<byte> coding = Kept;
        if (_textLength == 0 || coding.SequenceEqual("identity"u8))
        {
            return;
        }

        if (_field == Field.ContentEncoding)
        {
            IsContentCoded = true;
            return;
        }

        _hasTransferCoding = true;
        IsChunked = coding.SequenceEqual("chunked"u8);
        IsTransferCoded |= !IsChunked;
    }

    [InlineArray(Length)]
    private struct Text
    {
        public const int Length = 32;

        private byte _first;
    }
}
