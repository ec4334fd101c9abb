using System.IO.Compression;
using System.Text;
using Ocx.Mcp.Http;
using Ocx.Mcp.Tests.Calls;

namespace Ocx.Mcp.Tests.Siblings;

/// <summary>Bodies that were coded more than once: by the server, and by a proxy in front of it again.</summary>
public sealed class CodingListTests
{
    [Theory]
    [InlineData("gzip, br", "Content-Encoding: gzip, br")]
    [InlineData("br gzip", "Content-Encoding: br,gzip")]
    [InlineData("deflate gzip", "Content-Encoding: deflate\r\nContent-Encoding: gzip")]
    [InlineData("gzip gzip", "Content-Encoding: gzip ,\tx-gzip")]
    [InlineData("gzip", "Content-Encoding: identity, gzip, identity")]
    [InlineData("gzip br deflate gzip", "Content-Encoding: gzip, br, deflate, gzip")]
    [InlineData("br gzip", "Content-Encoding: br\r\nTransfer-Encoding: gzip, chunked")]
    [InlineData("gzip deflate", "Transfer-Encoding: gzip, deflate, chunked")]
    public void Each_coding_is_undone(string codings, string fields)
    {
        byte[] coded = Encoding.UTF8.GetBytes(Peer.Result(1));
        foreach (string coding in codings.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))
        {
            coded = Encode(coding, coded);
        }

        HoldsFor(fields, coded, "a ok");
    }

    [Theory]
    [InlineData("Content-Encoding: gzip, secret")]
    [InlineData("Content-Encoding: gzip, gzip, gzip, gzip, gzip")]
    public void What_cannot_be_decoded_is_counted_and_its_call_is_told(string fields)
    {
        Tracked tracked = Feed(fields, Encode("gzip", Encoding.UTF8.GetBytes(Peer.Result(1))), 1400);
        Assert.Equal(["tools/call a unpaired"], tracked.Flush().Summary);
        Assert.Equal(1, tracked.Tracker.Stats.Undecodable);
    }

    [Fact]
    public void The_last_coding_is_undone_first()
    {
        ContentCodings codings = ContentCodings
            .Of(ContentCoding.Gzip)
            .Add(ContentCoding.Zstd)
            .Add(ContentCoding.Brotli);
        Assert.Equal(ContentCoding.Brotli, codings.Last);
        Assert.Equal(ContentCoding.Zstd, codings.BeforeLast.Last);
        Assert.Equal(ContentCodings.Of(ContentCoding.Gzip), codings.BeforeLast.BeforeLast);
        Assert.True(codings.BeforeLast.BeforeLast.BeforeLast.IsEmpty);
    }

    private static void HoldsFor(string fields, byte[] coded, string expected)
    {
        foreach (int split in Dialogue.Splits)
        {
            Telling.Is($"{fields}, {split}", [expected], Feed(fields, coded, split).Flush());
        }
    }

    private static Tracked Feed(string fields, byte[] coded, int split)
    {
        bool chunked = fields.Contains("chunked", StringComparison.Ordinal);
        string length = chunked ? string.Empty : $"Content-Length: {coded.Length}\r\n";
        byte[] head = Encoding.ASCII.GetBytes(
            $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{fields}\r\n{length}\r\n"
        );
        byte[] body = chunked
            ? [.. Encoding.ASCII.GetBytes($"{coded.Length:x}\r\n"), .. coded, .. "\r\n0\r\n\r\n"u8]
            : coded;
        Tracked tracked = new();
        tracked.Feed(new Wire().Open().FromClient(Peer.Post(Peer.Call(1, "a"))).Send(false, [.. head, .. body], split));
        return tracked;
    }

    private static byte[] Encode(string coding, byte[] data)
    {
        using var to = new MemoryStream();
        using (
            Stream stream = coding switch
            {
                "gzip" => new GZipStream(to, CompressionLevel.Optimal, leaveOpen: true),
                "deflate" => new ZLibStream(to, CompressionLevel.Optimal, leaveOpen: true),
                _ => new BrotliStream(to, CompressionLevel.Optimal, leaveOpen: true),
            }
        )
        {
            stream.Write(data);
        }

        return to.ToArray();
    }
}
