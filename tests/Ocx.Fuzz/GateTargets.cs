using System.Text;
using System.Text.Json;
using Ocx.Gate.Http;
using Ocx.Gate.Packets;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.Http;
using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Sse;

namespace Ocx.Fuzz;

/// <summary>What the gate reads of both sides, and what it writes in their place.</summary>
internal static class GateTargets
{
    private static readonly AuditError s_error = new() { Reason = "deletes 5000 rows", Audit = "prod/db" };
    private static readonly ErrorForms s_forms = new(s_error, new RequestIds(["7"u8.ToArray()], isBatch: false));

    /// <summary>A packet: whatever it is, what is read of it and what becomes of it lies in it.</summary>
    public static void ParsePacket(byte[] input)
    {
        if (!TcpPacket.TryParse(input, out TcpPacket packet))
        {
            byte[] same = [.. input];
            FuzzTarget.Must(!TcpEdit.Seal(same) && same.AsSpan().SequenceEqual(input), "what is no packet was changed");
            return;
        }

        packet.TryGetTimestamps(out _, out _);
        FuzzTarget.Must(packet.ToSegment(1, 1).Length == packet.Payload.Length, "a segment of another length");
        for (int kept = 0; kept <= packet.Payload.Length; kept += 1 + (packet.Payload.Length / 3))
        {
            byte[] shorter = [.. input];
            int length = TcpEdit.Shorten(shorter, kept);
            FuzzTarget.Must(
                TcpPacket.TryParse(shorter.AsSpan(0, length), out TcpPacket cut) && cut.Payload.Length == kept,
                "a shorter packet is read in another way"
            );
        }
    }

    /// <summary>
    /// What a server sends, from the third byte on. The first two say which response or event of it is rewritten, and
    /// in which pieces it comes. What is done must be HTTP and JSON to readers that have no part in it.
    /// </summary>
    public static void Rewrite(byte[] input)
    {
        (int which, int split, byte[] sent) = input is [var first, var second, .. var rest]
            ? (first, second + 1, rest)
            : (0, 1, input);
        if (Find(sent, which, split) is not var (from, response))
        {
            return;
        }

        byte[] whole = [.. sent],
            pieces = [.. sent];
        RewriteResult result = Rewrite(whole, from, sent.Length, out int end);
        FuzzTarget.Must(
            Rewrite(pieces, from, split, out int endOfPieces) == result
                && end == endOfPieces
                && pieces.AsSpan().SequenceEqual(whole),
            "what is written depends on the pieces in which it comes"
        );
        int start = (int)from.Offset;
        FuzzTarget.Must(
            sent.AsSpan(0, start).SequenceEqual(whole.AsSpan(0, start))
                && sent.AsSpan(end).SequenceEqual(whole.AsSpan(end)),
            "bytes outside of what is rewritten were changed"
        );
        if (result == RewriteResult.Done)
        {
            // What comes behind it may be anything.
            MustBeTheError(sent.AsSpan(response..end), whole.AsSpan(response..end), from.IsEvent);
        }
    }

    /// <summary>A request that is refused: the answer is HTTP and JSON, whatever was sent.</summary>
    public static void Refuse(byte[] input)
    {
        RequestBody request = RequestBody.Read(input);
        byte[] answer = Refusal.Response(s_error with { Reason = Encoding.UTF8.GetString(input) }, request);
        FuzzTarget.Must(answer.Length <= 256 << 10, $"a refusal of {answer.Length} bytes");
        byte[] body = ReadBody(answer, out ContentKind kind);
        FuzzTarget.Must(kind == ContentKind.Json, "a refusal is no JSON");
        using JsonDocument json = JsonDocument.Parse(body);
        JsonElement error = request.Ids.IsBatch ? json.RootElement[0] : json.RootElement;
        FuzzTarget.Must(error.GetProperty("error").GetProperty("code").GetInt32() == AuditError.Code, "another error");
    }

    // The response or event that is meant, and where its response begins.
    private static (ResponseSnapshot From, int Response)? Find(ReadOnlySpan<byte> sent, int which, int split)
    {
        var follower = new ResponseFollower();
        (ResponseSnapshot, int)? found = null;
        while (!sent.IsEmpty)
        {
            ReadOnlySpan<byte> piece = sent[..Math.Min(split, sent.Length)];
            sent = sent[piece.Length..];
            ResponseEvent at;
            while (
                (at = follower.Advance(piece, out int consumed)) is not (ResponseEvent.NeedMore or ResponseEvent.Lost)
            )
            {
                piece = piece[consumed..];
                if (
                    at == ResponseEvent.EventBegin
                    || (at == ResponseEvent.HeadComplete && !follower.Response.IsInterim)
                )
                {
                    ResponseSnapshot here = at == ResponseEvent.EventBegin ? follower.AtEvent : follower.AtResponse;
                    found = (here, (int)follower.ResponseStart);
                    if (which-- == 0)
                    {
                        return found;
                    }
                }
            }
        }

        return found;
    }

    private static RewriteResult Rewrite(Span<byte> sent, in ResponseSnapshot from, int split, out int end)
    {
        end = (int)from.Offset;
        var rewriter = new AnswerRewriter(from, s_forms);
        for (ReadOnlySpan<byte> ahead = sent[end..]; !ahead.IsEmpty; ahead = ahead[Math.Min(split, ahead.Length)..])
        {
            rewriter.Survey(ahead[..Math.Min(split, ahead.Length)]);
        }

        while (end < sent.Length)
        {
            int length = Math.Min(split, sent.Length - end);
            RewriteResult result = rewriter.Rewrite(sent.Slice(end, length), out int consumed);
            end += consumed;
            if (result != RewriteResult.Continue)
            {
                return result;
            }

            FuzzTarget.Must(consumed == length, "bytes were left out");
        }

        return rewriter.Close();
    }

    private static void MustBeTheError(ReadOnlySpan<byte> sent, ReadOnlySpan<byte> rewritten, bool isEvent)
    {
        byte[] body = ReadBody(rewritten, out ContentKind kind);
        if (kind != ContentKind.EventStream)
        {
            MustBeTheError(body);
            return;
        }

        List<byte[]> events = ReadEvents(body);
        if (!isEvent)
        {
            FuzzTarget.Must(events.Count == 1, $"{events.Count} events in the place of a stream");
            MustBeTheError(events[0]);
            return;
        }

        List<byte[]> before = ReadEvents(ReadBody(sent, out _));
        FuzzTarget.Must(events.Count == before.Count, $"{events.Count} events where {before.Count} were");
        List<byte[]> others = [.. events.Where((each, at) => !each.AsSpan().SequenceEqual(before[at]))];
        FuzzTarget.Must(others.Count == 1, $"{others.Count} events were rewritten");
        MustBeTheError(others[0]);
    }

    private static void MustBeTheError(byte[] text)
    {
        using JsonDocument json = JsonDocument.Parse(text);
        FuzzTarget.Must(
            json.RootElement.GetProperty("id").GetInt32() == 7
                && json.RootElement.GetProperty("error").GetProperty("code").GetInt32() == AuditError.Code,
            "another error"
        );
    }

    // Of the first response that is none before others; as much of its body as is there.
    private static byte[] ReadBody(ReadOnlySpan<byte> bytes, out ContentKind kind)
    {
        var reader = new HttpReader(request: false, new MemoryBudget(1 << 20), new Utf8StringCache());
        List<byte> body = [];
        kind = ContentKind.Other;
        while (true)
        {
            HttpEvent found = reader.Read(ref bytes, out ReadOnlySpan<byte> piece);
            body.AddRange(piece);
            if (found == HttpEvent.Head)
            {
                kind = reader.Head.Content;
            }
            else if (found is HttpEvent.End or HttpEvent.NeedMore && reader.Head.Status >= 200)
            {
                return [.. body];
            }
            else
            {
                FuzzTarget.Must(found is HttpEvent.Body or HttpEvent.End, "what is written is no HTTP");
            }
        }
    }

    private static List<byte[]> ReadEvents(ReadOnlySpan<byte> body)
    {
        var reader = new SseReader(
            new MemoryBudget(64 << 20),
            16 << 20,
            () => new(new JsonValues(new Utf8StringCache()))
        );
        List<byte[]> events = [];
        while (reader.TryRead(ref body, out ReadOnlySpan<byte> data))
        {
            events.Add(data.ToArray());
        }

        return events;
    }
}
