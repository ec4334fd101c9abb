using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Ocx.Mcp.JsonRpc;

/// <summary>
/// The tokens of one JSON text, one after the other: what <see cref="Utf8JsonReader"/> finds, by the same names
/// (docs/decisions/mcp-parsers.md says why it is not used). What is not well-formed ends the reading, without an
/// exception.
/// </summary>
internal ref struct JsonTokens
{
    /// <summary>More levels than this are not well-formed.</summary>
    public const int MaxDepth = JsonRpcParser.MaxDepth + 2;

    private readonly ReadOnlySpan<byte> _json;
    private readonly bool _mayEnd;
    private Levels _isObject;
    private Next _next;
    private int _depth;
    private bool _inObject;

    /// <summary>Before the first token.</summary>
    /// <param name="json">The text.</param>
    /// <param name="mayEnd">It is cut, perhaps: where it ends before its value does it is not malformed.</param>
    public JsonTokens(ReadOnlySpan<byte> json, bool mayEnd = false)
    {
        _json = json;
        _mayEnd = mayEnd;
    }

    // What may come where the reading stands.
    private enum Next
    {
        Value,
        ValueOrEnd,
        NameOrEnd,
        CommaOrEnd,
        Nothing,
    }

    /// <summary>What was read.</summary>
    public JsonTokenType TokenType { get; private set; }

    /// <summary>It as it is written, without quotes; of an object or an array the bracket.</summary>
    public ReadOnlySpan<byte> ValueSpan { get; private set; }

    /// <summary>True for a string or a name with escapes.</summary>
    public bool ValueIsEscaped { get; private set; }

    /// <summary>Where it begins.</summary>
    public int TokenStartIndex { get; private set; }

    /// <summary>Where it ends; behind the colon of a name.</summary>
    public int BytesConsumed { get; private set; }

    /// <summary>Where the next token begins, unless a comma comes first: behind a name, its value.</summary>
    public readonly int NextStart => SkipBlanks(_json, BytesConsumed);

    /// <summary>True once the text turned out not to be well-formed.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>How many objects and arrays it stands in.</summary>
    public readonly int CurrentDepth =>
        TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray ? _depth - 1 : _depth;

    /// <summary>
    /// Reads the next token; false behind the last one, where the text is cut, and where it is not well-formed.
    /// </summary>
    public bool Read()
    {
        ReadOnlySpan<byte> json = _json;
        int at = SkipBlanks(json, BytesConsumed);
        if ((uint)at >= (uint)json.Length)
        {
            return AtEnd();
        }

        byte first = json[at];
        switch (_next)
        {
            case Next.CommaOrEnd:
                if (first != ',' || _depth == 0)
                {
                    return Leave(first, at);
                }

                at = SkipBlanks(json, at + 1);
                if ((uint)at >= (uint)json.Length)
                {
                    return AtEnd();
                }

                first = json[at];
                return _inObject ? ReadName(first, at) : ReadValue(first, at);
            case Next.Value:
                return ReadValue(first, at);
            case Next.NameOrEnd:
                return first == '}' ? Leave(first, at) : ReadName(first, at);
            case Next.ValueOrEnd:
                return first == ']' ? Leave(first, at) : ReadValue(first, at);
            default:
                return false;
        }
    }

    /// <summary>
    /// Reads to the end of the object or the array that begins with this token, or of the value of this name; nothing
    /// for any other token.
    /// </summary>
    public bool Skip()
    {
        if (TokenType == JsonTokenType.PropertyName && !Read())
        {
            return false;
        }

        bool more = true;
        for (int depth = CurrentDepth; more && (_depth > depth); )
        {
            more = Read();
        }

        return more;
    }

    /// <summary>The string or the name without its escapes.</summary>
    /// <param name="to">Where it goes; as long as it is written.</param>
    /// <exception cref="InvalidOperationException">Half a surrogate pair, or bytes that are no UTF-8.</exception>
    public readonly int CopyString(Span<byte> to)
    {
        var reader = new Utf8JsonReader(_json.Slice(TokenStartIndex, ValueSpan.Length + 2));
        reader.Read();
        return reader.CopyString(to);
    }

    /// <summary>The whole number that was read; false when it is none, or too large.</summary>
    public readonly bool TryGetInt64(out long value) =>
        Utf8Parser.TryParse(ValueSpan, out value, out int used) && used == ValueSpan.Length;

    /// <summary>The whole number that was read; false when it is none, or too large.</summary>
    public readonly bool TryGetInt32(out int value) =>
        Utf8Parser.TryParse(ValueSpan, out value, out int used) && used == ValueSpan.Length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // most tokens have none before them
    private static int SkipBlanks(ReadOnlySpan<byte> json, int at)
    {
        for (; (uint)at < (uint)json.Length; at++)
        {
            if (json[at] > ' ' || json[at] is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
            {
                break;
            }
        }

        return at;
    }

    private bool AtEnd() => !_mayEnd && !(_depth == 0 && _next == Next.CommaOrEnd) && Fail();

    private bool Fail()
    {
        (IsMalformed, _next) = (true, Next.Nothing);
        return false;
    }

    private bool Found(JsonTokenType type, int start, int end, Next next)
    {
        TokenType = type;
        TokenStartIndex = start;
        BytesConsumed = end;
        ValueSpan = _json[start..end];
        ValueIsEscaped = false;
        _next = next;
        return true;
    }

    private bool FoundText(JsonTokenType type, int start, int quote, int end, bool escaped, Next next)
    {
        TokenType = type;
        TokenStartIndex = start;
        BytesConsumed = end;
        ValueSpan = _json[(start + 1)..quote];
        ValueIsEscaped = escaped;
        _next = next;
        return true;
    }

    private bool NotFound(int end) => end == JsonScan.Cut && _mayEnd ? false : Fail();

    private bool ReadName(byte first, int at)
    {
        if (first != '"')
        {
            return Fail();
        }

        int quote = JsonScan.EndOfString(_json, at + 1, out bool escaped);
        if (quote < 0)
        {
            return NotFound(quote);
        }

        ReadOnlySpan<byte> json = _json;
        int colon = SkipBlanks(json, quote + 1);
        if ((uint)colon >= (uint)json.Length)
        {
            return NotFound(JsonScan.Cut);
        }

        return json[colon] == ':'
            ? FoundText(JsonTokenType.PropertyName, at, quote, colon + 1, escaped, Next.Value)
            : Fail();
    }

    private bool ReadValue(byte first, int at)
    {
        switch (first)
        {
            case (byte)'"':
                int quote = JsonScan.EndOfString(_json, at + 1, out bool escaped);
                return quote < 0
                    ? NotFound(quote)
                    : FoundText(JsonTokenType.String, at, quote, quote + 1, escaped, Next.CommaOrEnd);
            case (byte)'{':
                return Enter(isObject: true, at);
            case (byte)'[':
                return Enter(isObject: false, at);
            case (byte)'t':
                return FoundEnd(JsonTokenType.True, at, JsonScan.EndOfWord(_json, at, "true"u8));
            case (byte)'f':
                return FoundEnd(JsonTokenType.False, at, JsonScan.EndOfWord(_json, at, "false"u8));
            case (byte)'n':
                return FoundEnd(JsonTokenType.Null, at, JsonScan.EndOfWord(_json, at, "null"u8));
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9'):
                return FoundEnd(
                    JsonTokenType.Number,
                    at,
                    JsonScan.EndOfNumber(_json, at, mayGoOn: _mayEnd || _depth > 0)
                );
            default:
                return Fail();
        }
    }

    private bool FoundEnd(JsonTokenType type, int start, int end) =>
        end < 0 ? NotFound(end) : Found(type, start, end, Next.CommaOrEnd);

    private bool Enter(bool isObject, int at)
    {
        if (_depth == MaxDepth)
        {
            return Fail();
        }

        ulong bit = 1UL << _depth;
        ref ulong level = ref _isObject[_depth >> 6];
        level = _inObject ? level | bit : level & ~bit;
        _inObject = isObject;
        _depth++;
        return isObject
            ? Found(JsonTokenType.StartObject, at, at + 1, Next.NameOrEnd)
            : Found(JsonTokenType.StartArray, at, at + 1, Next.ValueOrEnd);
    }

    private bool Leave(byte bracket, int at)
    {
        if (_depth == 0 || bracket != (_inObject ? '}' : ']'))
        {
            return Fail();
        }

        JsonTokenType type = _inObject ? JsonTokenType.EndObject : JsonTokenType.EndArray;
        _depth--;
        _inObject = ((_isObject[_depth >> 6] >> _depth) & 1) != 0;
        return Found(type, at, at + 1, Next.CommaOrEnd);
    }

    // Of each level around the one that is read: is it an object?
    [InlineArray((MaxDepth / 64) + 1)]
    private struct Levels
    {
        private ulong _bits;
    }
}
