using System.IO.Compression;
using System.Text;
using Ocx.Mcp.Tests.Calls;

namespace Ocx.Mcp.Tests.Siblings;

/// <summary>Servers that code an event stream as it goes, and flush the coding behind each event.</summary>
public sealed class StreamedCodingTests
{
    public static TheoryData<string, int> Codings =>
        new MatrixTheoryData<string, int>(["gzip", "deflate", "raw deflate", "br", "zstd"], [.. Dialogue.Splits]);

    [Theory]
    [MemberData(nameof(Codings))]
    public void Each_event_is_read_when_it_comes(string coding, int split)
    {
        Tracked tracked = new();
        Wire wire = new();
        using var to = new MemoryStream();
        using Stream coder = Open(coding, to);
        wire.Open().FromClient(Peer.Post(Peer.Call(1, "a", meta: ",\"_meta\":{\"progressToken\":1}")));
        wire.FromServer(Peer.EventStream($"Content-Encoding: {coding.Split(' ')[^1]}\r\n"));
        Send(
            Framing.Event(
                """{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}"""
            )
        );
        Send(": ping\n\n");
        Assert.Empty(tracked.Json);
        Send(Framing.Event(Peer.Result(1)));
        Telling.Is(coding, ["a ok 1 progress"], tracked);
        tracked.Flush();

        void Send(string text)
        {
            coder.Write(Encoding.UTF8.GetBytes(text));
            coder.Flush();
            byte[] coded = to.ToArray();
            to.SetLength(0);
            wire.Send(false, [.. Encoding.ASCII.GetBytes($"{coded.Length:x}\r\n"), .. coded, .. "\r\n"u8], split);
            tracked.Feed(wire);
            wire.Log.Clear();
        }
    }

    private static Stream Open(string coding, Stream to) =>
        coding switch
        {
            "gzip" => new GZipStream(to, CompressionLevel.Optimal, leaveOpen: true),
            "deflate" => new ZLibStream(to, CompressionLevel.Optimal, leaveOpen: true),
            "raw deflate" => new DeflateStream(to, CompressionLevel.Optimal, leaveOpen: true),
            "br" => new BrotliStream(to, CompressionLevel.Optimal, leaveOpen: true),
            _ => new ZstdSharp.CompressionStream(to, leaveOpen: true),
        };
}
