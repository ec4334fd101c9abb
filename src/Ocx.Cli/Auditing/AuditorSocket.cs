using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Ocx.Cli.Exits;
using Ocx.Cli.Options;

namespace Ocx.Cli.Auditing;

/// <summary>What an auditor on this machine answers, over its Unix socket.</summary>
internal sealed class AuditorSocket : IDisposable
{
    private const string Default = "unix:/run/ocx/auditor.sock",
        Scheme = "unix:";

    private static readonly TimeSpan s_connect = TimeSpan.FromSeconds(5);

    private readonly string _path;
    private readonly HttpClient _http;

    private AuditorSocket(string path)
    {
        _path = path;
        _http = new HttpClient(new SocketsHttpHandler { ConnectCallback = ConnectAsync, ConnectTimeout = s_connect })
        {
            BaseAddress = new Uri("http://auditor/"),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>The option that names the socket.</summary>
    public static Option<string?> Option() =>
        CliOption.Of<string?>(
            "--auditor",
            "unix:PATH",
            text =>
                text.StartsWith(Scheme, StringComparison.Ordinal) && text.Length > Scheme.Length
                    ? text
                    : throw new FormatException("want unix: and a path"),
            $"The socket of the auditor (default: {Default})"
        );

    /// <summary>Speaks to the auditor that the option names.</summary>
    public static AuditorSocket Of(string? option) => new((option ?? Default)[Scheme.Length..]);

    /// <summary>Asks.</summary>
    /// <returns>What is answered; null when there is no such thing.</returns>
    /// <exception cref="CliException">No auditor answers, or it refuses.</exception>
    public async Task<Stream?> GetAsync(string path, CancellationToken cancellation)
    {
        try
        {
            HttpResponseMessage response = await _http
                .GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellation)
                .ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.NotFound)
            {
                response.Dispose();
                return null;
            }

            response.EnsureSuccessStatusCode();
            return await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        }
        catch (HttpRequestException wrong)
        {
            throw NoAnswer(wrong);
        }
    }

    /// <summary>Has something done.</summary>
    /// <returns>What is answered; null when there is no such thing.</returns>
    /// <exception cref="CliException">No auditor answers, or it refuses; its own words say why.</exception>
    public async Task<byte[]?> PostAsync(string path, byte[] json, CancellationToken cancellation)
    {
        try
        {
            using var content = new ByteArrayContent(json);
            using HttpResponseMessage response = await _http
                .PostAsync(new Uri(path, UriKind.Relative), content, cancellation)
                .ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.NotFound)
            {
                return null;
            }

            byte[] answer = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.Conflict)
            {
                throw CliException.Failed(Encoding.UTF8.GetString(answer));
            }

            response.EnsureSuccessStatusCode();
            return answer;
        }
        catch (HttpRequestException wrong)
        {
            throw NoAnswer(wrong);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private CliException NoAnswer(HttpRequestException wrong) =>
        CliException.CannotStart(
            $"no auditor answers on {_path}: {wrong.GetBaseException().Message}; "
                + "is ocx-auditor running there, and may you use its socket (sudo)?",
            wrong
        );

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_path), cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception)
        {
            socket.Dispose();
            throw;
        }
    }
}
