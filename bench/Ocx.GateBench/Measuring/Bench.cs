using System.Net;
using System.Reflection;
using Ocx.GateBench.Network;
using Ocx.GateBench.Programs;

namespace Ocx.GateBench.Measuring;

/// <summary>
/// The ways that are compared, all there at once, each with a namespace of its own for the server, so that no way has
/// the rules of another.
/// </summary>
internal sealed class Bench : IDisposable
{
    private const int Port = 8080;

    // A gate is told of audits by their port, and here there is one auditor for both gates.
    private const int JudgedPort = 8081;
    private const int BehindNginx = 9090;

    private readonly Stack<IDisposable> _parts = new();

    public Bench()
    {
        try
        {
            Networks networks = Add(new Networks(6));
            string[] names = [.. Enumerable.Range(0, 6).Select(networks.Server)];
            IPEndPoint[] listeners =
            [
                .. names.Select((_, way) => new IPEndPoint(IPAddress.Parse(Networks.Address(way)), Port)),
            ];
            listeners[4].Port = JudgedPort;
            IPEndPoint nginx = listeners[5];
            listeners[5] = new IPEndPoint(IPAddress.Loopback, BehindNginx);
            // One program serves all, on the second processor.
            string dll = Assembly.GetExecutingAssembly().Location;
            string[] serve = [.. names.Zip(listeners, (name, listener) => $"{name}={listener}")];
            Add(new Started(["taskset", "-c", "1", "dotnet", dll, "serve", .. serve], line => line == "serving"));
            SetBypass(names[2]);
            Auditor = Add(new Auditor());
            Gate = Add(new Gate(names[4], JudgedPort, Auditor));
            Started idle = Add(new Gate(names[3], Port, Auditor)).Program;
            Started proxy = Add(new Nginx(names[5], nginx, listeners[5])).Program;

            NoRule = new Route
            {
                Name = "no rule",
                Address = listeners[0],
                Namespace = names[0],
                Client = networks.Client,
            };
            Twin = NoRule with { Name = "no rule, once more", Address = listeners[1], Namespace = names[1] };
            Bypass = NoRule with { Name = "rule, no gate", Address = listeners[2], Namespace = names[2] };
            Idle = NoRule with
            {
                Name = "gate, nothing audited",
                Address = listeners[3],
                Namespace = names[3],
                Between = idle,
            };
            Judged = NoRule with
            {
                Name = "gate, released at once",
                Address = listeners[4],
                Namespace = names[4],
                Between = Gate.Program,
                Judge = Auditor.Program,
            };
            Proxied = NoRule with { Name = "nginx", Address = nginx, Namespace = names[5], Between = proxy };
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public Route NoRule { get; }

    /// <summary>As <see cref="NoRule"/>: so far do two equal ways differ.</summary>
    public Route Twin { get; }

    public Route Bypass { get; }

    public Route Idle { get; }

    public Route Judged { get; }

    public Route Proxied { get; }

    public Auditor Auditor { get; }

    /// <summary>The gate of <see cref="Judged"/>.</summary>
    public Gate Gate { get; }

    public void Dispose()
    {
        while (_parts.TryPop(out IDisposable? part))
        {
            try
            {
                part.Dispose();
            }
#pragma warning disable CA1031 // The other parts are to go all the same.
            catch (Exception failed)
#pragma warning restore CA1031
            {
                Console.Error.WriteLine($"cannot clean up: {failed.Message}");
            }
        }
    }

    // As a gate would set it under failurePolicy Open, and no gate is there.
    private static void SetBypass(string name)
    {
        foreach ((string chain, string end) in new[] { ("INPUT", "--dport"), ("OUTPUT", "--sport") })
        {
            string[] rule = ["-t", "mangle", "-A", chain, "-p", "tcp", end, "8080", "-j", "NFQUEUE"];
            Tool.Run("ip", ["netns", "exec", name, "iptables", .. rule, "--queue-num", "20480", "--queue-bypass"]);
        }
    }

    private T Add<T>(T part)
        where T : IDisposable
    {
        _parts.Push(part);
        return part;
    }
}
