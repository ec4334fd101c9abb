using System.Text;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.Http;

namespace Ocx.Mcp.Tests.Http;

/// <summary>
/// A head is read in the same way whatever was read before it on its connection: one that is like it in all, or in all
/// but a few bytes.
/// </summary>
public sealed class RepeatedHeadTests
{
    private const string Start = "POST /mcp HTTP/1.1\r\nHost: a\r\nMcp-Session-Id: 1\r\n";

    // Each fits the body "{}{}", or has none.
    private static readonly string[] s_heads =
    [
        Start + "Content-Length: 4\r\n\r\n",
        Start + "Content-Length: 04\r\n\r\n",
        Start + "Content-Length: 4 \r\n\r\n",
        Start + "Content-Length: 4\n\n",
        Start + "Content-Length:4\r\nAccept: text/event-stream\r\n\r\n",
        Start + "content-length: 4\r\nAuthorization: Bearer 1\r\n\r\n",
        Start + "content-length: 4\r\nX-Other-Header: Bearer 1\r\n\r\n",
        Start + "Content-Length: 4\r\nContent-Length: 4\r\n\r\n",
        Start + "Content-Length: 4, 4\r\n\r\n",
        Start + "Content-Length:\r\n 4\r\n\r\n",
        Start + "Mcp-Method: a\r\nContent-Length: 4\r\nMcp-Name: b\r\nMcp-Param-X: c\r\n\r\n",
        Start + "Mcp-Method: a\r\nContent-Length: 4\r\nMcp-Name: B\r\nMcp-Param-X: c\r\n\r\n",
        Start + "Mcp-Method: a\r\nContent-Length: 4\r\nMcp-Name: b\r\nMcp-Param-X: d\r\n\r\n",
        Start + "Content-Length: 4\r\nContent-Encoding: gzip\r\nX: " + new string('x', 2000) + "\r\n\r\n",
    ];

    private static readonly string[] s_others =
    [
        Start + "Content-Length: 3\r\n\r\n",
        Start + "Content-Length: 0\r\n\r\n",
        Start + "Content-Length: 123456789\r\n\r\n",
        Start + "Content-Length: 99999999999999999999\r\n\r\n",
        Start + "Content-Length: \r\n\r\n",
        Start + "Content-Length: -4\r\n\r\n",
        Start + "Content-Length: x\r\n\r\n",
        Start + "Content-Length: 4\r\nContent-Length: 5\r\n\r\n",
        Start + "Content-Length: 5\r\nContent-Length: 4\r\n\r\n",
        Start + "Content-Length: 4, 5\r\n\r\n",
        Start + "Content-Length: 5, 4\r\n\r\n",
        Start + "Content-Length: 4\r\n",
        Start + "Content-Length: 4",
        Start + "Content-Length: 4\r\n 5\r\n\r\n",
        Start + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
        Start + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n",
        Start + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
        Start + "Mcp-Method: a\r\nContent-Length: 14\r\nMcp-Name: b\r\nMcp-Param-X: c\r\n\r\n",
        Start.Replace("Session-Id: 1", "Session-Id: 2", StringComparison.Ordinal) + "Content-Length: 4\r\n\r\n",
        "\r\n" + Start + "Content-Length: 4\r\n\r\n",
        "GET /mcp HTTP/1.1\r\nHost: a\r\n\r\n",
    ];

    [Fact]
    public void A_head_says_the_same_whatever_came_before_it()
    {
        foreach (string before in s_heads)
        {
            foreach (string head in s_heads.Concat(s_others))
            {
                foreach (int times in new[] { 1, 2, 20 })
                {
                    Assert.Equal(Told(head), Told([.. Enumerable.Repeat(before, times), head]));
                }
            }
        }
    }

    [Fact]
    public void A_head_of_many_lengths_in_turn_has_its_own_each_time()
    {
        HttpReader reader = NewReader();
        for (int length = 0; length < 2000; length++)
        {
            ReadOnlySpan<byte> input = Encoding.ASCII.GetBytes(
                $"{Start}Content-Length: {length}\r\n\r\n{new string('x', length)}"
            );
            Assert.Equal(HttpEvent.Head, reader.Read(ref input, out _));
            Assert.Equal(length, reader.Head.ContentLength);
            while (reader.Read(ref input, out _) != HttpEvent.End) { }

            Assert.True(input.IsEmpty);
        }
    }

    [Fact]
    public void Heads_that_never_repeat_are_read_and_those_that_do_again_later()
    {
        HttpReader reader = NewReader();
        for (int i = 0; i < 200; i++)
        {
            int session = i < 100 ? i : 100;
            ReadOnlySpan<byte> input = Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nMcp-Session-Id: {session}\r\n\r\n");
            Assert.Equal(HttpEvent.Head, reader.Read(ref input, out _));
            Assert.Equal($"{session}", reader.Head.SessionId);
            Assert.Equal(HttpEvent.End, reader.Read(ref input, out _));
        }
    }

    [Fact]
    public void A_response_of_the_same_bytes_is_read_by_what_it_answers()
    {
        var reader = new HttpReader(request: false, new MemoryBudget(1 << 20), new Utf8StringCache());
        foreach (string method in new[] { "POST", "HEAD", "POST", "HEAD" })
        {
            reader.AnswersMethod = method;
            ReadOnlySpan<byte> input = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"u8;
            Assert.Equal(HttpEvent.Head, reader.Read(ref input, out _));
            Assert.Equal(method == "HEAD" ? HttpEvent.End : HttpEvent.NeedMore, reader.Read(ref input, out _));
            input = "{}"u8;
            Assert.True(method == "HEAD" || reader.Read(ref input, out _) == HttpEvent.Body);
            Assert.True(method == "HEAD" || reader.Read(ref input, out _) == HttpEvent.End);
        }
    }

    private static HttpReader NewReader() => new(request: true, new MemoryBudget(1 << 20), new Utf8StringCache());

    // What the last of the heads says, after those before it and their bodies.
    private static string Told(params string[] heads)
    {
        HttpReader reader = NewReader();
        foreach (string head in heads[..^1])
        {
            ReadOnlySpan<byte> message = Encoding.ASCII.GetBytes(head + "{}{}");
            while (reader.Read(ref message, out _) != HttpEvent.End) { }

            Assert.True(message.IsEmpty);
        }

        ReadOnlySpan<byte> input = Encoding.ASCII.GetBytes(heads[^1]);
        HttpEvent found = reader.Read(ref input, out _);
        HttpHead said = reader.Head;
        return found != HttpEvent.Head
            ? $"{found}"
            : $"{said.Method} {said.Target} {said.ContentLength} {said.Chunked} {said.Codings} {said.Content} "
                + $"{said.SessionId} {said.McpMethod} {said.McpName} {said.Parameters?.Find("x")} {said.Host} "
                + $"{said.HasCredential} {input.Length}";
    }
}
