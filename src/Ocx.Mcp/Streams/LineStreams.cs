using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;

namespace Ocx.Mcp.Streams;

/// <summary>JSON-RPC with a message on each line, straight over TCP, in both directions of a connection.</summary>
internal sealed class LineStreams(Conversation conversation, McpShared shared)
{
    private readonly bool[] _afterGap = new bool[2];
    private readonly bool[] _seen = new bool[2];

    public void Feed(int side, ReadOnlySpan<byte> data)
    {
        ConversationStream stream = conversation[side];
        while (!data.IsEmpty)
        {
            int end = data.IndexOf((byte)'\n');
            if (end < 0 || stream.Partial is { Length: > 0 })
            {
                stream.Partial ??= new(shared.Budget, shared.Options.MaxMessageBytes);
                if (!stream.Partial.Append(end < 0 ? data : data[..end]) && !_afterGap[side])
                {
                    shared.Counters.Oversize++;
                    _afterGap[side] = true;
                }

                if (end < 0)
                {
                    return;
                }

                Take(side, stream.Partial.Span);
                stream.Partial.Clear();
            }
            else
            {
                Take(side, data[..end]);
            }

            data = data[(end + 1)..];
        }
    }

    /// <summary>Bytes are missing: the rest of their line is no message.</summary>
    public void Skip(int side)
    {
        conversation[side].Partial?.Release();
        _afterGap[side] = true;
    }

    /// <summary>The stream ended: what is there of its last line is all of it.</summary>
    public void End(int side)
    {
        if (conversation[side].Partial is { Length: > 0 } rest)
        {
            Take(side, rest.Span);
            rest.Release();
        }
    }

    /// <summary>True while calls wait for their answers here.</summary>
    public bool HasCalls => conversation.Itself.Open is { Count: > 0 };

    /// <summary>Bytes of a side passed unseen, and with them perhaps the answers of calls.</summary>
    public void NoteGapInAnswers(int side)
    {
        foreach (CallRecord call in conversation.Itself.Open ?? [])
        {
            if (call.FromServer == (side == conversation.ClientSide))
            {
                call.NoteMissing(CallCompleteness.Gap);
            }
        }
    }

    /// <summary>The connection is gone: so are the answers that did not come.</summary>
    public void Close(bool shed, long now) => shared.Calls.Abandon(conversation.Itself, shed, now);

    private void Take(int side, ReadOnlySpan<byte> line)
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
        shared.Messages.Take(line, CallCompleteness.Complete, conversation.Place(side, null, conversation[side].Now));
    }
}
