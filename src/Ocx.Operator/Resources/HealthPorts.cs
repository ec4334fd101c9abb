namespace Ocx.Operator.Resources;

/// <summary>
/// Gives each McpTap's agents a port of their own on the host network, where two taps share a node. A tap keeps its
/// port. The pods of a deleted tap hold theirs for up to a minute more, and a pod that asks for it meanwhile stays
/// unscheduled: so a port rests when it is free again, and each tap looks for one from its own place in the range, so
/// that an operator that has just started, and knows of no rests, rarely runs into one.
/// </summary>
/// <param name="time">Tells how long a port has been free.</param>
internal sealed class HealthPorts(TimeProvider time)
{
    /// <summary>The lowest port.</summary>
    public const int First = 9910;

    /// <summary>The highest.</summary>
    public const int Last = First + Count - 1;

    private const int Count = 1000;

    // The kubelet's (10248, 10250, 10255), kube-proxy's (10249, 10256) and the control plane's (10251 to 10259): an
    // agent that was given one of these could not listen, and would be restarted without end.
    internal const int FirstOfKubernetes = 10248,
        LastOfKubernetes = 10259;

    private static readonly TimeSpan s_rest = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, int> _ports = [];
    private readonly Dictionary<int, long> _freed = [];

    /// <summary>The port of a tap.</summary>
    /// <param name="tap">Its name.</param>
    /// <param name="uid">Its UID: another one when a tap of the same name is made again.</param>
    /// <param name="present">Every tap's port as their DaemonSets have it.</param>
    /// <returns>The port.</returns>
    /// <exception cref="NoHealthPortException">All of them are taken.</exception>
    public int Of(string tap, string uid, IEnumerable<(string Tap, int Port)> present)
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
            own = other == tap && !IsOfKubernetes(port) ? port : own;
        }

        if (own == 0)
        {
            var place = Place(uid);
            own = Enumerable
                .Range(0, Count)
                .Select(step => First + ((place + step) % Count))
                .FirstOrDefault(port => !taken.Contains(port) && !Rests(port) && !IsOfKubernetes(port));
            if (own == 0)
            {
                throw new NoHealthPortException($"All {Count} ports from {First} are taken by other McpTaps.");
            }
        }

        _ports[tap] = own;
        return own;
    }

    private static bool IsOfKubernetes(int port) => port is >= FirstOfKubernetes and <= LastOfKubernetes;

    /// <summary>The tap is gone.</summary>
    /// <param name="tap">Its name.</param>
    public void Free(string tap)
    {
        if (_ports.Remove(tap, out var port))
        {
            _freed[port] = time.GetTimestamp();
        }
    }

    /// <summary>The tap has got no DaemonSet: nobody has listened on its port.</summary>
    /// <param name="tap">Its name.</param>
    public void GiveBack(string tap) => _ports.Remove(tap);

    private static int Place(string uid) => uid.Aggregate(0, (place, character) => ((31 * place) + character) % Count);

    private bool Rests(int port) => _freed.TryGetValue(port, out var freed) && time.GetElapsedTime(freed) < s_rest;
}

/// <summary>There is no port left for a tap's agents.</summary>
/// <param name="message">Which ones are taken.</param>
internal sealed class NoHealthPortException(string message) : Exception(message);
