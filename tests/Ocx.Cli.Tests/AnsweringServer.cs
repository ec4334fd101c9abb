using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ocx.Cli.Tests;

/// <summary>
/// A server on loopback that gives every request the same answer, whatever it is: a real one would not.
/// </summary>
internal sealed class AnsweringServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[] _answer;
    private readonly Task _serving;

    public AnsweringServer(string status, string contentType, byte[] body)
    {
        string head = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status}\r\nContent-Type: {contentType}\r\nContent-Length: {body.Length}\r\n"
                + $"Connection: close\r\n\r\n"
        );
        _answer = [.. Encoding.ASCII.GetBytes(head), .. body];
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Url => $"http://{_listener.LocalEndpoint}";

    /// <summary>A kubeconfig that takes it for an API server.</summary>
    public string Kubeconfig =>
        $$"""
            {"apiVersion":"v1","kind":"Config","current-context":"c",
             "clusters":[{"name":"c","cluster":{"server":"{{Url}}"} }],"users":[{"name":"u","user":{"token":"t"} }],
             "contexts":[{"name":"c","context":{"cluster":"c","user":"u"} }]}
            """;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            using TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
            await using NetworkStream stream = client.GetStream();
            byte[] request = new byte[16 << 10];
            int length = 0;
            while (!request.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
            {
                length += await stream.ReadAsync(request.AsMemory(length), _stop.Token);
            }

            await stream.WriteAsync(_answer, _stop.Token);
        }
    }
}
