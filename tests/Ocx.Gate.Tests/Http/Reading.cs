using System.Net;
using System.Net.ServerSentEvents;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.Http;
using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Sse;

namespace Ocx.Gate.Tests.Http;

/// <summary>Reads responses as others do: this project's readers, and the platform's client.</summary>
internal static class Reading
{
    /// <summary>The one response that the bytes are, no more and no less.</summary>
    public static HttpHead Only(byte[] bytes, out byte[] body)
    {
        var reader = new HttpReader(request: false, new MemoryBudget(1 << 20), new Utf8StringCache());
        ReadOnlySpan<byte> rest = bytes;
        Assert.Equal(HttpEvent.Head, reader.Read(ref rest, out _));
        List<byte> read = [];
        HttpEvent found;
        while ((found = reader.Read(ref rest, out ReadOnlySpan<byte> piece)) == HttpEvent.Body)
        {
            read.AddRange(piece);
        }

        Assert.True(rest.IsEmpty);
        Assert.True(found == HttpEvent.End || (found == HttpEvent.NeedMore && reader.CompleteByClose()), $"{found}");
        body = [.. read];
        return reader.Head;
    }

    /// <summary>The data of the events in a body.</summary>
    public static List<byte[]> Events(ReadOnlySpan<byte> body)
    {
        var reader = new SseReader(
            new MemoryBudget(1 << 20),
            1 << 20,
            () => new(new JsonValues(new Utf8StringCache()))
        );
        List<byte[]> events = [];
        while (reader.TryRead(ref body, out ReadOnlySpan<byte> data))
        {
            events.Add(data.ToArray());
        }

        return events;
    }

    /// <summary>The body as the platform's HTTP client gets it, which undoes codings.</summary>
    public static async Task<byte[]> WithClientAsync(byte[] response)
    {
        using var handler = new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.All,
            ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(new Answering(response)),
        };
        using var client = new HttpClient(handler);
        using HttpResponseMessage answer = await client.GetAsync(new Uri("http://server/"));
        return await answer.Content.ReadAsByteArrayAsync();
    }

    /// <summary>The data of events as the platform's parser gets it.</summary>
    public static IEnumerable<string> EventsWithParser(byte[] body) =>
        SseParser.Create(new MemoryStream(body)).Enumerate().Select(each => each.Data);

    /// <summary>A connection on which the response is all that ever comes.</summary>
    private sealed class Answering(byte[] response) : MemoryStream(response)
    {
        public override bool CanWrite => true;

        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer,
            CancellationToken cancellationToken = default
        ) => ValueTask.CompletedTask;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            // The request says nothing.
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
