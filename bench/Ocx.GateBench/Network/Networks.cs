using System.Globalization;
using Ocx.Netfilter;

namespace Ocx.GateBench.Network;

/// <summary>
/// The client's network namespace, and for each way to the server one of the server's, with a veth between the two.
/// Disposing it removes them.
/// </summary>
internal sealed class Networks : IDisposable
{
    private readonly List<string> _names = [];
    private readonly string _prefix = string.Create(
        CultureInfo.InvariantCulture,
        $"ocx-gate-bench-{Environment.ProcessId}"
    );

    /// <param name="count">How many ways there are.</param>
    public Networks(int count)
    {
        try
        {
            string client = Add("client");
            for (int way = 0; way < count; way++)
            {
                string server = Add(string.Create(CultureInfo.InvariantCulture, $"{way}"));
                var here = new End(client, $"way{way}", $"02:00:00:00:{way:x2}:01", $"10.79.{way}.1");
                var there = new End(server, "eth0", $"02:00:00:00:{way:x2}:02", Address(way));
                string[] link = ["link", "add", here.Link, "address", here.Hardware, "type", "veth"];
                string[] peer = ["peer", "name", there.Link, "address", there.Hardware, "netns", server];
                Tool.Run("ip", ["-n", client, .. link, .. peer]);
                Up(here, there);
                Up(there, here);
            }
            Client = NetworkNamespace.Open(client);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where the client is.</summary>
    public NetworkNamespace Client { get; } = null!;

    /// <summary>The server's namespace of a way, as ip-netns(8) names it.</summary>
    public string Server(int way) => _names[way + 1];

    /// <summary>The server's address of a way.</summary>
    public static string Address(int way) => string.Create(CultureInfo.InvariantCulture, $"10.79.{way}.2");

    public void Dispose()
    {
        Client?.Dispose();
        foreach (string name in _names)
        {
            Tool.Run("ip", "netns", "delete", name);
        }
        _names.Clear();
    }

    private string Add(string end)
    {
        string name = $"{_prefix}-{end}";
        Tool.Run("ip", "netns", "add", name);
        _names.Add(name);
        // No router solicitations: only the benchmark's packets pass.
        string[] sysctl = ["net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1"];
        Tool.Run("ip", ["netns", "exec", name, "sysctl", "-qw", .. sysctl]);
        Tool.Run("ip", "-n", name, "link", "set", "lo", "up");
        return name;
    }

    private static void Up(End end, End other)
    {
        Tool.Run("ip", "-n", end.Namespace, "address", "add", $"{end.Address}/24", "dev", end.Link);
        Tool.Run("ip", "-n", end.Namespace, "link", "set", end.Link, "up");
        // Nobody asks for addresses while packets are counted.
        string[] neighbour = [other.Address, "lladdr", other.Hardware, "dev", end.Link, "nud", "permanent"];
        Tool.Run("ip", ["-n", end.Namespace, "neighbour", "add", .. neighbour]);
    }

    private sealed record End(string Namespace, string Link, string Hardware, string Address);
}
