using System.Globalization;
using Ocx.Netfilter;

namespace Ocx.GateBench.Network;

/// <summary>What the kernel has counted in a namespace: TCP's counters (nstat(8)), and its interface eth0's.</summary>
internal sealed class KernelCounters
{
    private readonly Dictionary<string, long> _values = new(StringComparer.Ordinal);

    private KernelCounters() { }

    /// <summary>A counter such as TcpRetransSegs or TxBytes; 0 when the kernel has none.</summary>
    public long this[string name] => _values.GetValueOrDefault(name);

    public static KernelCounters Read(NetworkNamespace network) =>
        network.Run(() =>
        {
            var counters = new KernelCounters();
            counters.AddTables("/proc/thread-self/net/snmp");
            counters.AddTables("/proc/thread-self/net/netstat");
            counters.AddInterface();
            return counters;
        });

    // Two lines each: "Tcp: name name" and "Tcp: value value".
    private void AddTables(string path)
    {
        foreach (string[] pair in File.ReadAllLines(path).Chunk(2))
        {
            string[] names = pair[0].Split(' '),
                values = pair[1].Split(' ');
            for (int column = 1; column < names.Length; column++)
            {
                _values[names[0].TrimEnd(':') + names[column]] = Parse(values[column]);
            }
        }
    }

    // The ninth number of an interface's line is the bytes that it sent.
    private void AddInterface()
    {
        string? line = File.ReadLines("/proc/thread-self/net/dev").FirstOrDefault(text => text.Contains("eth0:"));
        if (line is not null)
        {
            _values["TxBytes"] = Parse(line.Split(':')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[8]);
        }
    }

    private static long Parse(string value) => long.Parse(value, CultureInfo.InvariantCulture);
}
