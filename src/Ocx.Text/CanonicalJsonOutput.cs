using System.Buffers;

namespace Ocx.Text;

/// <summary>Canonical JSON on its way out.</summary>
internal ref struct CanonicalJsonOutput(IBufferWriter<byte> to)
{
    private static readonly SearchValues<byte> s_escaped = SearchValues.Create([
        .. Enumerable.Range(0, ' ').Select(code => (byte)code),
        (byte)'"',
        (byte)'\\',
    ]);

    private Span<byte> _room = [];
    private int _used;

    /// <summary>True when a string of these bytes needs no escape.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> text) => !text.ContainsAny(s_escaped);

    /// <summary>The letter of a character's short escape; or 0.</summary>
    public static byte ShortEscape(byte character) =>
        character switch
        {
            (byte)'"' => (byte)'"',
            (byte)'\\' => (byte)'\\',
            (byte)'\b' => (byte)'b',
            (byte)'\f' => (byte)'f',
            (byte)'\n' => (byte)'n',
            (byte)'\r' => (byte)'r',
            (byte)'\t' => (byte)'t',
            _ => 0,
        };

    public void Write(byte each)
    {
        if (_used == _room.Length)
        {
            Next();
        }

        _room[_used++] = each;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_used == _room.Length)
            {
                Next();
            }

            int fits = Math.Min(bytes.Length, _room.Length - _used);
            bytes[..fits].CopyTo(_room[_used..]);
            _used += fits;
            bytes = bytes[fits..];
        }
    }

    /// <summary>A string between quotes, with the escapes that it must have.</summary>
    public void WriteString(ReadOnlySpan<byte> text)
    {
        Write((byte)'"');
        for (int at = text.IndexOfAny(s_escaped); at >= 0; at = text.IndexOfAny(s_escaped))
        {
            Write(text[..at]);
            Write((byte)'\\');
            byte shorter = ShortEscape(text[at]);
            if (shorter != 0)
            {
                Write(shorter);
            }
            else
            {
                Write("u00"u8);
                Write((byte)('0' + (text[at] >> 4)));
                Write("0123456789abcdef"u8[text[at] & 0xf]);
            }

            text = text[(at + 1)..];
        }

        Write(text);
        Write((byte)'"');
    }

    public void Flush()
    {
        to.Advance(_used);
        _room = [];
        _used = 0;
    }

    private void Next()
    {
        if (_used > 0)
        {
            to.Advance(_used);
        }

        _room = to.GetSpan();
        _used = 0;
    }
}
