using System.Net.Security;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;

namespace Ocx.Audit.Link;

/// <summary>How the auditor is reached: by a Unix socket, or over TLS by its certificate and with a token.</summary>
public static class AuditorAddress
{
    // An auditor whose machine is gone answers nothing, and TCP alone notices after a quarter of an hour.
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(10);

    /// <summary>A channel. Files are read each time, as they are replaced when they expire.</summary>
    /// <param name="auditor">Where the auditor is.</param>
    /// <param name="largestMessage">The largest message that is taken from it, in bytes.</param>
    /// <exception cref="IOException">The certificate authority cannot be read.</exception>
    public static GrpcChannel Open(AuditorEndpoint auditor, int largestMessage)
    {
        ArgumentNullException.ThrowIfNull(auditor);
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = s_silence,
            KeepAlivePingDelay = s_silence,
            KeepAlivePingTimeout = s_silence,
            UseProxy = false,
        };
        if (auditor.Socket is { } path)
        {
            handler.ConnectCallback = (_, cancellation) => ConnectAsync(path, cancellation);
        }
        else if (auditor.AuthorityFile is { } authority)
        {
            handler.SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = AuthorityTrust.Only(authority),
            };
        }

        return GrpcChannel.ForAddress(
            auditor.Url ?? new Uri("http://auditor"),
            new GrpcChannelOptions
            {
                HttpHandler = handler,
                DisposeHttpClient = true,
                MaxReceiveMessageSize = largestMessage,
            }
        );
    }

    /// <summary>What a call is sent with: the token, where there is one.</summary>
    /// <exception cref="IOException">The token cannot be read, or is none.</exception>
    public static Metadata Headers(AuditorEndpoint auditor)
    {
        ArgumentNullException.ThrowIfNull(auditor);
        var headers = new Metadata();
        if (auditor.TokenFile is { } file)
        {
            string token = File.ReadAllText(file).Trim();
            if (token.Length == 0 || token.AsSpan().ContainsAnyExceptInRange('!', '~'))
            {
                throw new IOException($"{file} holds no token");
            }

            headers.Add("authorization", $"Bearer {token}");
        }

        return headers;
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException none) when (none.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            // ENOENT; its own words are about an address of the network.
            socket.Dispose();
            throw new IOException($"there is no socket {path}");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
