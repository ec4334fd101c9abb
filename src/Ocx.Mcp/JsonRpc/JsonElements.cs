using System.Text.Json;

namespace Ocx.Mcp.JsonRpc;

/// <summary>The places of the elements of a JSON array, up to where it is cut or not well-formed.</summary>
internal ref struct JsonElements
{
    private Utf8JsonReader _reader;

    public JsonElements(ReadOnlySpan<byte> array)
    {
        _reader = new(array, isFinalBlock: false, new JsonReaderState(new() { MaxDepth = JsonRpcParser.MaxDepth + 2 }));
        Current = default;
        MoveNext();
    }

    public Range Current { get; private set; }

    public readonly JsonElements GetEnumerator() => this;

    public bool MoveNext()
    {
        try
        {
            if (!_reader.Read() || _reader.TokenType == JsonTokenType.EndArray)
            {
                return false;
            }

            if (_reader is { TokenType: JsonTokenType.StartArray, CurrentDepth: 0 })
            {
                return true;
            }

            int start = (int)_reader.TokenStartIndex;
            if (!_reader.TrySkip())
            {
                return false;
            }

            Current = start..(int)_reader.BytesConsumed;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
