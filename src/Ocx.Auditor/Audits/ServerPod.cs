namespace Ocx.Auditor.Audits;

/// <summary>A pod that may serve calls, as the API server tells of it.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Tells it from an earlier pod of the same name.</param>
/// <param name="Node">The node that it runs on.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="HostPorts">
/// The ports that it declares, where it shares the address of its node with others: the scheduler gives a port of a
/// node to one pod alone. Null where the address is its own.
/// </param>
public sealed record ServerPod(
    string Namespace,
    string Name,
    string Uid,
    string Node,
    IReadOnlyDictionary<string, string> Labels,
    IReadOnlySet<int>? HostPorts = null
)
{
    /// <summary>Is what listens on this port at its address its own?</summary>
    public bool Serves(int port) => HostPorts?.Contains(port) != false;
}
