namespace Ocx.Operator.Resources;

/// <summary>
/// Gives each McpTap's agents a port of their own on the host network, where two taps share a node. A tap keeps its port.
/// </summary>
/// <param name="time">Tells how long a port has been free.</param>
internal sealed class HealthPorts(TimeProvider time)
{
    private const int First = 9910;

    // While a deleted tap's pods end, they hold its port on their nodes; a pod that asks for it meanwhile stays unscheduled.
    private static readonly TimeSpan s_rest = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, int> _ports = [];
    private readonly Dictionary<int, long> _freed = [];

    /// <summary>The port of a tap.</summary>
    /// <param name="tap">Its name.</param>
    /// <param name="present">Every tap's port as their DaemonSets have it.</param>
    /// <returns>The port.</returns>
    public int Of(string tap, IEnumerable<(string Tap, int Port)> present)
    {
        if (_ports.TryGetValue(tap, out var own))
        {
            return own;
        }

        // After a restart the DaemonSets alone know.
        var taken = _ports.Values.ToHashSet();
        foreach (var (other, port) in present)
        {
            taken.Add(port);
            own = other == tap ? port : own;
        }

        if (own == 0)
        {
            own = Enumerable.Range(First, 1000).First(port => !taken.Contains(port) && !Rests(port));
        }

        _ports[tap] = own;
        return own;
    }

    /// <summary>The tap is gone.</summary>
    /// <param name="tap">Its name.</param>
    public void Free(string tap)
    {
        if (_ports.Remove(tap, out var port))
        {
            _freed[port] = time.GetTimestamp();
        }
    }

    private bool Rests(int port) => _freed.TryGetValue(port, out var freed) && time.GetElapsedTime(freed) < s_rest;
}
