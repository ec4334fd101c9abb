using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.Http;
using Ocx.Text;

namespace Ocx.Gate.Http;

/// <summary>What a refusal must know of the request that it answers.</summary>
/// <param name="Ids">The ids of the requests in it; <see cref="RequestIds.Unknown"/> when it could not be read.</param>
/// <param name="TakesEventStream">
/// Its Accept names <c>text/event-stream</c>: the client speaks streamable HTTP, and reads the answer of a POST. Others
/// send <c>*/*</c>, and wait for the answer on another connection.
/// </param>
internal sealed record RequestBody(RequestIds Ids, bool TakesEventStream)
{
    private const int LongestHead = 128 << 10;

    /// <summary>The body was whole, not coded, and JSON-RPC.</summary>
    public bool IsRead => Ids != RequestIds.Unknown;

    /// <summary>Reads a whole request, head and body as they were sent. What follows it is not looked at.</summary>
    public static RequestBody Read(ReadOnlySpan<byte> request)
    {
        ReadOnlySpan<byte> rest = request;
        var reader = new HttpReader(
            request: true,
            new MemoryBudget(LongestHead + request.Length),
            new Utf8StringCache()
        );
        if (reader.Read(ref rest, out _) != HttpEvent.Head)
        {
            return new(RequestIds.Unknown, TakesEventStream: false);
        }

        bool takesEventStream = NamesEventStream(request[..^rest.Length]);
        var body = new List<byte>();
        while (true)
        {
            switch (reader.Read(ref rest, out ReadOnlySpan<byte> piece))
            {
                case HttpEvent.Body:
                    body.AddRange(piece);
                    break;
                case HttpEvent.End when reader.Head.Codings.IsEmpty:
                    return new(ReadIds([.. body]), takesEventStream);
                default:
                    return new(RequestIds.Unknown, takesEventStream);
            }
        }
    }

    private static bool NamesEventStream(ReadOnlySpan<byte> head)
    {
        bool isAccept = false;
        foreach (Range at in head.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = head[at];
            if (line is not [(byte)' ' or (byte)'\t', ..]) // else a folded line, which goes on with the field before
            {
                int colon = line.IndexOf((byte)':');
                isAccept = colon > 0 && Ascii.EqualsIgnoreCase(line[..colon], "accept"u8);
            }

            if (
                isAccept
                && Encoding.Latin1.GetString(line).Contains("text/event-stream", StringComparison.OrdinalIgnoreCase)
            )
            {
                return true;
            }
        }

        return false;
    }

    private static RequestIds ReadIds(ReadOnlySpan<byte> json)
    {
        json = json.StartsWith("\uFEFF"u8) ? json["\uFEFF"u8.Length..] : json;
        var ids = new List<byte[]>();
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = WireJson.MaxDepth });
            reader.Read();
            bool isBatch = reader.TokenType == JsonTokenType.StartArray;
            while (!isBatch || (reader.Read() && reader.TokenType != JsonTokenType.EndArray))
            {
                if (!TryReadMessage(ref reader, json, ids))
                {
                    return RequestIds.Unknown;
                }

                if (!isBatch)
                {
                    break;
                }
            }

            // Nothing but blanks may follow.
            return reader.Read() ? RequestIds.Unknown : new(ids, isBatch);
        }
        catch (JsonException)
        {
            return RequestIds.Unknown;
        }
    }

    // At the beginning of a value; leaves the reader at its end.
    private static bool TryReadMessage(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, List<byte[]> ids)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        ReadOnlySpan<byte> id = [];
        bool hasMethod = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = WireJson.ReadText(ref reader); // any, half a surrogate pair among them
            bool isId = name == "id";
            hasMethod |= name == "method";
            reader.Read();
            if (isId)
            {
                // Of two, the last one: that is how they are read.
                id = reader.TokenType is JsonTokenType.Number or JsonTokenType.String
                    ? json[(int)reader.TokenStartIndex..(int)reader.BytesConsumed]
                    : [];
            }

            reader.Skip();
        }

        if (!hasMethod || id.IsEmpty)
        {
            return true; // a notification or an answer, which nobody answers
        }

        ids.Add(id.ToArray());
        return ids.Count <= RequestIds.MostIds && id.Length <= RequestIds.LongestId && Utf8.IsValid(id);
    }
}
