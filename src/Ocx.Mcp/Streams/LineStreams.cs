using Ocx.Mcp.Buffers;
using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;

namespace Ocx.Mcp.Streams;

/// <summary>JSON-RPC with a message on each line, straight over TCP, in both directions of a connection.</summary>
internal sealed class LineStreams(Conversation conversation, McpShared shared)
{
    private readonly bool[] _afterGap = new bool[2];
    private readonly bool[] _seen = new bool[2];
    private readonly LongMessage?[] _long = new LongMessage?[2];

    public void Feed(int side, ReadOnlySpan<byte> data)
    {
        ConversationStream stream = conversation[side];
        while (!data.IsEmpty)
        {
            int end = data.IndexOf((byte)'\n');
            if (end < 0 || stream.Partial is { Length: > 0 } || _long[side] is not null)
            {
                Gather(
                    side,
                    stream.Partial ??= new(shared.Budget, shared.Options.MaxMessageBytes),
                    end < 0 ? data : data[..end]
                );
                if (end < 0)
                {
                    return;
                }

                TakeGathered(side, stream.Partial);
            }
            else
            {
                Take(side, data[..end], new(CallCompleteness.Complete, end));
            }

            data = data[(end + 1)..];
        }
    }

    /// <summary>Bytes are missing: the rest of their line is no message.</summary>
    public void Skip(int side)
    {
        conversation[side].Partial?.Release();
        _long[side] = null;
        _afterGap[side] = true;
    }

    /// <summary>The stream ended: what is there of its last line is all of it.</summary>
    public void End(int side)
    {
        if (conversation[side].Partial is { Length: > 0 } rest)
        {
            TakeGathered(side, rest);
            rest.Release();
        }
    }

    /// <summary>True while calls wait for their answers here.</summary>
    public bool HasCalls => conversation.Itself.Open is { Count: > 0 };

    /// <summary>Bytes of a side passed unseen, and with them perhaps the answers of calls.</summary>
    public void NoteGapInAnswers(int side)
    {
        foreach (OpenCall call in conversation.Itself.Open ?? [])
        {
            if (call.FromServer == (side == conversation.ClientSide))
            {
                call.NoteMissing(CallCompleteness.Gap);
            }
        }
    }

    /// <summary>The connection is gone: so are the answers that did not come.</summary>
    public void Close(bool shed, long now) => shared.Calls.Abandon(conversation.Itself, shed, now);

    private void Gather(int side, PooledBuffer line, ReadOnlySpan<byte> piece)
    {
        int before = line.Length;
        if (_long[side] is { } begun)
        {
            begun.Feed(piece);
        }
        else if (!line.Append(piece) && !_afterGap[side])
        {
            shared.Counters.Oversize += line.IsStarved ? 0 : 1;
            shared.Counters.ShedPayloads += line.IsStarved ? 1 : 0;
            LongMessage rest = _long[side] = new(new JsonValues(shared.Strings));
            rest.Begin();
            rest.Feed(line.Span);
            rest.Feed(piece[(line.Length - before)..]);
        }
    }

    private void TakeGathered(int side, PooledBuffer line)
    {
        LongMessage? rest = _long[side];
        _long[side] = null;
        CallCompleteness cut = line.IsStarved ? CallCompleteness.Shed : CallCompleteness.Truncated;
        Take(side, line.Span, rest is null ? new(CallCompleteness.Complete, line.Length) : new(cut, rest.Length, rest));
        line.Clear();
    }

    private void Take(int side, ReadOnlySpan<byte> line, in MessageExtent extent)
    {
        if (_afterGap[side])
        {
            _afterGap[side] = false;
            return;
        }

        // Whoever asks first is the client.
        if (!_seen[0] && !_seen[1])
        {
            conversation.ClientSide = side;
        }

        _seen[side] = true;
        shared.Messages.Take(line, extent, conversation.Place(side, null, conversation[side].Now));
    }
}
