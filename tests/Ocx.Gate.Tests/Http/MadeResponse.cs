using System.Globalization;
using System.IO.Compression;
using System.Text;
using Ocx.Gate.Http;

namespace Ocx.Gate.Tests.Http;

/// <summary>How a made body's end is told.</summary>
internal enum BodyEnd
{
    Length,
    Chunks,
    Close,
}

/// <summary>
/// A response made by chance, with the places that a follower must find in it. The same seed makes the same one.
/// </summary>
internal sealed class MadeResponse
{
    private readonly Random _random;
    private readonly bool _isPlain;
    private readonly List<byte> _bytes = [];
    private readonly List<(int Before, ResponseEvent What)> _inBody = [];

    /// <summary>Makes one.</summary>
    /// <param name="random">Where the chance comes from.</param>
    /// <param name="isLast">No other follows it: it may last until close.</param>
    /// <param name="isPlain">Without what is allowed and nobody does.</param>
    public MadeResponse(Random random, bool isLast, bool isPlain = false)
    {
        (_random, _isPlain) = (random, isPlain);
        Status = Pick(200, 200, 200, 202, 400, 500);
        IsStream = Pick(true, false);
        IsJson = !IsStream && Pick(true, true, false);
        IsCoded = Pick(false, false, true);
        End = Pick(isLast ? BodyEnd.Close : BodyEnd.Length, BodyEnd.Length, BodyEnd.Chunks);
        byte[] content = IsStream ? MakeEvents() : MakeJson();
        byte[] body = IsCoded ? Gzip(content) : content;
        WriteHead(body.Length);
        HeadEnd = _bytes.Count;
        int[] places = WriteBody(body);
        Places.Add((HeadEnd, ResponseEvent.HeadComplete));
        if (!IsCoded)
        {
            Places.AddRange(
                _inBody.Select(each =>
                    (each.What == ResponseEvent.EventEnd ? places[each.Before - 1] + 1 : places[each.Before], each.What)
                )
            );
        }

        if (End != BodyEnd.Close)
        {
            Places.Add((_bytes.Count, ResponseEvent.ResponseEnd));
        }

        Bytes = [.. _bytes];
    }

    public int Status { get; }
    public bool IsStream { get; }
    public bool IsJson { get; }
    public bool IsCoded { get; }
    public BodyEnd End { get; }
    public int HeadEnd { get; }
    public byte[] Bytes { get; }

    /// <summary>The events that the follower must tell, each with the offset at which it stops.</summary>
    public List<(int At, ResponseEvent What)> Places { get; } = [];

    /// <summary>What each event with data is, by its place.</summary>
    public List<MessageKind> Kinds { get; } = [];

    private T Pick<T>(params T[] from) => from[_random.Next(from.Length)];

    // The first is what everybody does.
    private T Odd<T>(params T[] from) => _isPlain ? from[0] : Pick(from);

    private void Write(string text) => _bytes.AddRange(Encoding.UTF8.GetBytes(text));

    private void WriteHead(int length)
    {
        string lineEnd = Odd("\r\n", "\r\n", "\n");
        List<string> fields =
        [
            $"content-type:{Pick(" ", "", "\t")}{(IsStream ? "text/event-stream"
                : IsJson ? Pick("application/json", "application/json; charset=utf-8", "Application/Vnd.x+JSON")
                : "text/html")}",
            "Date: Fri, 27 Nov 2026 20:00:00 GMT",
        ];
        if (IsCoded)
        {
            fields.Add(Pick("Content-Encoding: gzip", "content-encoding:gzip", "CONTENT-ENCODING: identity, gzip"));
        }

        if (End == BodyEnd.Length)
        {
            fields.Add($"{Pick("Content-Length", "content-length")}:{Pick(" ", "", "\t")}{length}{Odd("", " ")}");
        }
        else if (End == BodyEnd.Chunks)
        {
            fields.Add($"Transfer-Encoding: {Odd("chunked", "identity, chunked", "Chunked")}");
        }

        string[] more =
        [
            "ETag: \"a\"",
            "Content-MD5: abc",
            "X-Long: " + new string('x', 300),
            "Digest: sha-256=x",
            "x:",
        ];
        fields.AddRange(more.Where(_ => Pick(true, false)));
        string[] order = [.. fields];
        _random.Shuffle(order);
        Write($"HTTP/1.1 {Status} {Pick("OK", "", "Some Reason")}{lineEnd}");
        Write(string.Concat(order.Select(field => field + lineEnd)) + lineEnd);
    }

    private int[] WriteBody(byte[] body)
    {
        int[] places = new int[body.Length + 1];
        int at = 0;
        while (at < body.Length || End == BodyEnd.Chunks)
        {
            int piece = End == BodyEnd.Chunks ? Math.Min(Pick(1, 2, 7, 60, 500, 5000), body.Length - at) : body.Length;
            if (End == BodyEnd.Chunks)
            {
                string size = piece.ToString(Pick("x", "X", "x4"), CultureInfo.InvariantCulture);
                Write($"{size}{Odd("", "", ";a=b", " ;x=\"y\"")}{Odd("\r\n", "\n")}");
            }

            for (int each = 0; each < piece; each++, at++)
            {
                // The place before a byte, which is behind the frame; the place behind one is that before the next.
                places[at] = _bytes.Count;
                _bytes.Add(body[at]);
            }

            if (piece == 0)
            {
                Write(Pick("", "", "Expires: 0\r\nContent-Digest: x\r\n") + "\r\n");
                break;
            }

            if (End == BodyEnd.Chunks)
            {
                Write("\r\n");
            }
        }

        return places;
    }

    private byte[] MakeJson()
    {
        string text = new('t', Pick(1, 20, 2000));
        return Encoding.UTF8.GetBytes(
            $$"""{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"{{text}}" }] } }"""
        );
    }

    private byte[] MakeEvents()
    {
        using var body = new MemoryStream();
        void Add(string text) => body.Write(Encoding.UTF8.GetBytes(text));
        string lineEnd = Pick("\n", "\r\n", "\r");
        Add(Pick("", "", "\uFEFF"));
        bool marked = body.Length > 0;
        for (int count = Pick(1, 2, 5); count > 0; count--)
        {
            _inBody.Add((marked ? 0 : (int)body.Length, ResponseEvent.EventBegin));
            marked = false;
            bool isAnswer = Pick(true, false);
            string json = isAnswer
                ? $$"""{"result":{"text":"{{new string('x', Pick(1, 40, 400))}}" },"id":7,"jsonrpc":"2.0"}"""
                : """{"jsonrpc":"2.0","method":"notifications/progress","params":{"error":1}}""";
            string[] before =
            [
                $"event: message{lineEnd}",
                $"id: 1/2{lineEnd}",
                $": a comment{lineEnd}",
                $"datum: x{lineEnd}",
                $"data{lineEnd}",
            ];
            Add(string.Concat(before.Where(_ => Pick(true, false, false))));
            string space = Pick(" ", "", "  ");
            Add(
                Pick(true, false)
                    ? $"data:{space}{json}{lineEnd}"
                    : string.Concat(
                        json.Split(',').Select((part, at) => $"data:{space}{(at > 0 ? "," : "")}{part}{lineEnd}")
                    )
            );
            Add(string.Concat(before[1..].Where(_ => Pick(true, false, false))));
            Add(lineEnd[..1]);
            _inBody.Add(((int)body.Length, ResponseEvent.EventEnd));
            Add(lineEnd[1..]);
            Add(string.Concat(Enumerable.Repeat(lineEnd, Pick(0, 0, 2))));
            Kinds.Add(isAnswer ? MessageKind.Answer : MessageKind.Request);
        }

        return body.ToArray();
    }

    private static byte[] Gzip(byte[] content)
    {
        using var coded = new MemoryStream();
        using (var gzip = new GZipStream(coded, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return coded.ToArray();
    }
}
