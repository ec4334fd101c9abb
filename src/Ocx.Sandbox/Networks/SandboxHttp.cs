using System.Net;
using System.Net.Sockets;
using Ocx.Netfilter;

namespace Ocx.Sandbox.Networks;

/// <summary>
/// An HTTP client whose connections are in a sandbox's network, and which reads only so much of them.
/// </summary>
internal static class SandboxHttp
{
    /// <summary>Makes one.</summary>
    /// <param name="network">The sandbox's network.</param>
    /// <param name="budget">How many bytes may come, of all connections.</param>
    public static HttpClient Create(NetworkNamespace network, ByteBudget budget) =>
        new(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseProxy = false,
                UseCookies = false,
                MaxResponseHeadersLength = 32,
                ConnectCallback = async (context, cancellation) =>
                    new BoundedStream(
                        new NetworkStream(
                            await ConnectAsync(network, context.DnsEndPoint.Port, cancellation),
                            ownsSocket: true
                        ),
                        budget
                    ),
            }
        )
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };

    /// <summary>Does something listen on a port of the sandbox's loopback?</summary>
    public static async Task<bool> IsOpenAsync(NetworkNamespace network, int port, CancellationToken cancellation)
    {
        try
        {
            (await ConnectAsync(network, port, cancellation)).Dispose();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // A socket belongs for good to the network in which it was made.
    private static async Task<Socket> ConnectAsync(NetworkNamespace network, int port, CancellationToken cancellation)
    {
        Socket socket = network.Run(() =>
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
        );
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
