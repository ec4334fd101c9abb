using System.Globalization;
using Ocx.Audit.Classes;
using Ocx.Audit.Intents;
using Ocx.Audit.Policy;

namespace Ocx.Auditor.Audits;

/// <summary>Which calls are an audit's own. What it does not name does not matter.</summary>
public sealed record AuditScope
{
    /// <summary>The server's TCP port; 0 for any.</summary>
    public int Port { get; init; }

    /// <summary>The server's pods; null where there is no cluster, and its port alone tells the server.</summary>
    public PodScope? Pods { get; init; }

    /// <summary>The JSON-RPC methods.</summary>
    public IReadOnlyList<string> Methods { get; init; } = ["tools/call"];

    /// <summary>The tools; empty for all.</summary>
    public IReadOnlyList<Glob> Tools { get; init; } = [];

    /// <summary>What else must hold; null for nothing.</summary>
    public CallCondition? When { get; init; }

    /// <summary>In a cluster: are calls to this pod at the audit's port its own, as far as the server tells?</summary>
    public bool Selects(ServerPod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return Pods?.Selects(pod) == true && pod.Serves(Port);
    }

    /// <summary>Can this call be its own? That is said without its condition, and without the server's pod.</summary>
    public bool MayInclude(Intent intent)
    {
        ArgumentNullException.ThrowIfNull(intent);
        return Methods.Contains(intent.Method, StringComparer.Ordinal)
            && (Port == 0 || Port == PortOf(intent.Server.Address))
            && (Tools.Count == 0 || Tools.Any(tool => tool.IsMatch(intent.Tool)));
    }

    /// <summary>
    /// Is this call its own, if the server is? A condition that cannot be evaluated on it might have held: then it is.
    /// </summary>
    public bool Includes(Intent intent) =>
        MayInclude(intent) && (When?.Evaluate(new CallFacts(intent)) is not { IsTrue: false, Failure: null });

    // The digits behind the last colon of 10.0.0.1:8080 or [fd00::1]:8080.
    private static int PortOf(string address) =>
        int.TryParse(
            address.AsSpan(address.LastIndexOf(':') + 1),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out int port
        )
            ? port
            : 0;
}
