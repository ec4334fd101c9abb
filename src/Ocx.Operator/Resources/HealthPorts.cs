namespace Ocx.Operator.Resources;

/// <summary>
/// Gives each McpTap's agents a port of their own on the host network, where two taps share a node. A tap keeps its port.
/// </summary>
internal sealed class HealthPorts
{
    private const int First = 9910;

    private readonly Dictionary<string, int> _ports = [];

    /// <summary>The port of a tap.</summary>
    /// <param name="tap">Its name.</param>
    /// <param name="present">Every tap's port as their DaemonSets have it.</param>
    /// <returns>The port.</returns>
    public int Of(string tap, IEnumerable<(string Tap, int Port)> present)
    {
        foreach (var (other, port) in present)
        {
            _ports[other] = port;
        }

        if (!_ports.TryGetValue(tap, out var own))
        {
            own = Enumerable.Range(First, 1000).First(port => !_ports.ContainsValue(port));
            _ports[tap] = own;
        }

        return own;
    }

    /// <summary>The tap is gone.</summary>
    /// <param name="tap">Its name.</param>
    public void Free(string tap) => _ports.Remove(tap);
}
