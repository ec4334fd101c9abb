using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Ocx.GateBench.Programs;

/// <summary>The gate as it is shipped, in a namespace of the server's.</summary>
internal sealed class Gate : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly Uri _metrics;

    public Gate(string networkNamespace, int port, Auditor auditor)
    {
        int metrics = FreePort();
        var ready = new Uri($"http://127.0.0.1:{metrics}/readyz");
        _metrics = new Uri($"http://127.0.0.1:{metrics}/metrics");
        string[] options =
        [
            "--netns",
            networkNamespace,
            "--port",
            port.ToString(CultureInfo.InvariantCulture),
            "--auditor",
            auditor.Address,
            "--http-port",
            metrics.ToString(CultureInfo.InvariantCulture),
        ];
        Program = new Started([Path.GetFullPath("artifacts/ocx-gate"), .. options], _ => Answers(ready));
    }

    public Started Program { get; }

    /// <summary>
    /// How many holds ended within each time after their verdict, and in all: bounds in seconds and counts, each with
    /// those before it.
    /// </summary>
    public IReadOnlyList<(double Bound, double Count)> AfterVerdict()
    {
        const string Bucket = "ocx_gate_after_verdict_seconds_bucket{le=\"";
        return
        [
            .. _http
                .GetStringAsync(_metrics)
                .Result.Split('\n')
                .Where(line => line.StartsWith(Bucket, StringComparison.Ordinal))
                .Select(line => line[Bucket.Length..].Split("\"} "))
                .Select(parts => (Number(parts[0]), Number(parts[1]))),
        ];
    }

    public void Dispose()
    {
        _http.Dispose();
        Program.Dispose();
    }

    private static double Number(string text) =>
        text == "+Inf" ? double.PositiveInfinity : double.Parse(text, CultureInfo.InvariantCulture);

    private bool Answers(Uri ready)
    {
        try
        {
            using HttpResponseMessage answer = _http.GetAsync(ready).Result;
            return answer.IsSuccessStatusCode;
        }
        catch (AggregateException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
