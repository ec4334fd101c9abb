using System.Text.Json;

namespace Ocx.Mcp.JsonRpc;

/// <summary>The places of the elements of a JSON array, up to where it is cut or not well-formed.</summary>
internal ref struct JsonElements
{
    private JsonTokens _reader;

    public JsonElements(ReadOnlySpan<byte> array)
    {
        _reader = new(array, mayEnd: true);
        Current = default;
        _reader.Read();
    }

    public Range Current { get; private set; }

    public readonly JsonElements GetEnumerator() => this;

    public bool MoveNext()
    {
        if (!_reader.Read() || _reader.TokenType == JsonTokenType.EndArray)
        {
            return false;
        }

        int start = _reader.TokenStartIndex;
        bool whole = _reader.Skip();
        Current = start.._reader.BytesConsumed;
        return whole;
    }
}
