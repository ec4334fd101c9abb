using System.Text;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.Http;

namespace Ocx.Mcp.Tests.Http;

/// <summary>A head is read the same whole and in pieces, and ends with its first empty line.</summary>
public sealed class HttpHeadTests
{
    private const string Start = "POST http://h:80/mcp HTTP/1.1\r\n";

    public static TheoryData<string, string> Heads =>
        new()
        {
            { Start + "Content-Length: 4\r\nMcp-Session-Id: s\r\n\r\n", "4 s  " },
            { Start + "CONTENT-LENGTH:4\r\nmCP-sESSION-iD:\t s \t\r\n\r\n", "4 s  " },
            {
                Start + "Date: Tue, 24 Nov 2026 12:00:00 GMT\r\nMcp-Session-Id: a:b::c\r\ncontent-length: 4\r\n\r\n",
                "4 a:b::c  "
            },
            { Start + "Mcp-Session-Id:\r\n one\r\n\ttwo  \r\n \r\ncontent-length: 4\r\n\r\n", "4 one two  " },
            { Start + "Mcp-Session-Id: one\n two\ncontent-length: 4\n\n", "4 one two  " },
            { Start + "Mcp-Session-Id: s\ncontent-length: 4\r\n\n", "4 s  " },
            { Start + "Mcp-Session-Id: s\r\ncontent-length: 4\n\r\n", "4 s  " },
            { Start + "Mcp-Session-Idx: s\r\nXcp-Session-Id: s\r\ncontent-length: 4\r\n\r\n", "4   " },
            {
                Start + "Mcp-Method: tools/call\r\nMcp-Name: =?base64?dMO2b2w=?=\r\ncontent-length: 4\r\n\r\n",
                "4  tools/call töol"
            },
            { "\r\n\r\n" + Start + "content-length: 4\r\n\r\n", "4   " },
        };

    [Theory]
    [MemberData(nameof(Heads))]
    public void A_head_says_the_same_whole_and_cut_at_any_byte(string head, string says)
    {
        // The body looks like an empty line, which must not be taken for the head's.
        byte[] message = Encoding.UTF8.GetBytes(head + "\r\n\r\nGET");
        for (int cut = 0; cut <= message.Length; cut++)
        {
            Assert.Equal(says + "|\r\n\r\n", Read(message[..cut], message[cut..]));
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    public void A_head_that_ends_anywhere_in_a_block_is_read(int length)
    {
        string head =
            "GET / HTTP/1.1\r\n" + (length > 18 ? "a:" + new string('b', length - 18) + "\n" : string.Empty) + "\r\n";
        Assert.Equal("-1   |", Read(Encoding.ASCII.GetBytes(head), []));
    }

    [Theory]
    [InlineData(Start + "no colon\r\n\r\n")]
    [InlineData(Start + ": no name\r\n\r\n")]
    [InlineData(Start + "Content-Length: 4\r\nContent-Length: 5\r\n\r\n")]
    [InlineData(Start + "Content-Length: four\r\n\r\n")]
    [InlineData("POST /mcp\r\nContent-Length: 4\r\n\r\n")]
    public void What_is_no_head_is_lost_whole_and_cut_at_any_byte(string head)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(head);
        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            Assert.Equal("lost", Read(bytes[..cut], bytes[cut..]));
        }
    }

    // The message, then what was read of its body and whether it is over.
    [Theory]
    [InlineData("Transfer-Encoding: chunked", "3\r\nabc\r\n0\r\n\r\n", "abc.")]
    [InlineData("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", "3\r\nabc\r\n0\r\n\r\n", "abc.")]
    [InlineData("Transfer-Encoding: gzip, CHUNKED", "3\r\nabc\r\n0\r\n\r\n", "abc.")]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding:", "3\r\nabc\r\n0\r\n\r\n", "abc.")]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "3\r\nabc\r\n0\r\n\r\n", "abc.")]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "3\r\nabc\r\n0\r\n\r\n", "abc.")]
    [InlineData("Content-Length: 2\r\nTransfer-Encoding: chunked", "3\r\nabc\r\n0\r\n\r\n", "abc.")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 999", "3\r\nabc\r\n0\r\n\r\n", "abc.")]
    [InlineData(
        "Content-Length: 1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked",
        "3\r\nabc\r\n0\r\n\r\n",
        "abc."
    )]
    [InlineData("Content-Length: 3, 3", "abc", "abc.")]
    [InlineData("Content-Length: 3\r\nContent-Length: 3 ,3", "abc", "abc.")]
    [InlineData("Transfer-Encoding: identity\r\nContent-Length: 3", "abc", "abc.")]
    [InlineData(
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip",
        "3\r\nabc\r\n0\r\n\r\n",
        "lost",
        "3\r\nabc\r\n0\r\n\r\n"
    )]
    [InlineData("Transfer-Encoding: xchunked", "abc", "lost", "abc")]
    [InlineData("Content-Length: 3, 4", "abc", "lost", "lost")]
    [InlineData("Content-Length: 3,", "abc", "lost", "lost")]
    [InlineData("Content-Length: +3", "abc", "lost", "lost")]
    public void All_lines_of_a_framing_field_together_say_where_the_body_ends(
        string fields,
        string body,
        string request,
        string? response = null
    )
    {
        foreach (string version in new[] { "HTTP/1.1", "HTTP/1.0" })
        {
            Assert.Equal(request, ReadBody(request: true, $"POST /mcp {version}\r\n{fields}\r\n\r\n{body}"));
            Assert.Equal(response ?? request, ReadBody(request: false, $"{version} 200 OK\r\n{fields}\r\n\r\n{body}"));
        }
    }

    private static string ReadBody(bool request, string message)
    {
        var reader = new HttpReader(request, new MemoryBudget(1 << 20), new Utf8StringCache());
        ReadOnlySpan<byte> input = Encoding.ASCII.GetBytes(message);
        var read = new StringBuilder();
        while (true)
        {
            switch (reader.Read(ref input, out ReadOnlySpan<byte> body))
            {
                case HttpEvent.Body:
                    read.Append(Encoding.ASCII.GetString(body));
                    break;
                case HttpEvent.End:
                    read.Append('.');
                    break;
                case HttpEvent.Lost:
                    return "lost";
                case HttpEvent.NeedMore:
                    return read.ToString();
            }
        }
    }

    private static string Read(params byte[][] pieces)
    {
        var budget = new MemoryBudget(1 << 20);
        var reader = new HttpReader(request: true, budget, new Utf8StringCache());
        string said = string.Empty;
        var body = new StringBuilder();
        foreach (byte[] piece in pieces)
        {
            ReadOnlySpan<byte> input = piece;
            for (bool more = true; more; )
            {
                switch (reader.Read(ref input, out ReadOnlySpan<byte> data))
                {
                    case HttpEvent.Head:
                        said =
                            $"{reader.Head.ContentLength} {reader.Head.SessionId} {reader.Head.McpMethod} "
                            + $"{reader.Head.McpName}|";
                        break;
                    case HttpEvent.Body:
                        body.Append(Encoding.ASCII.GetString(data));
                        break;
                    case HttpEvent.Lost:
                        return "lost";
                    case HttpEvent.NeedMore:
                        more = false;
                        break;
                }
            }
        }

        reader.Release();
        Assert.Equal(0, budget.Used);
        return said + body;
    }
}
