using Ocx.Audit.Wire;

namespace Ocx.Gate.Asking;

/// <summary>All audits whose calls this gate holds, in the order in which they are asked. For any thread.</summary>
internal sealed class HoldRules
{
    // More McpAudits than a cluster has.
    private const int MaxAudits = 4096;

    private readonly HeldAudit[] _audits;

    private HoldRules(HeldAudit[] audits, bool tellsGated = false) => (_audits, TellsGated) = (audits, tellsGated);

    /// <summary>No call is held.</summary>
    public static HoldRules None { get; } = new([]);

    /// <summary>The audits.</summary>
    public IReadOnlyList<HeldAudit> Audits => _audits;

    /// <summary>The auditor wants to be told which pods are gated.</summary>
    public bool TellsGated { get; }

    /// <summary>Reads what the auditor says: all of it or nothing.</summary>
    /// <exception cref="FormatException">It is not within the contract's bounds; the message says why.</exception>
    public static HoldRules Of(GateRules said)
    {
        ArgumentNullException.ThrowIfNull(said);
        return said.Audits.Count <= MaxAudits
            ? new([.. said.Audits.Select(HeldAudit.Of)], said.TellGated)
            : throw new FormatException($"{said.Audits.Count} audits");
    }

    /// <summary>What is held as long as no auditor has said anything: every call of a tool.</summary>
    public static HoldRules Unknown(IEnumerable<ushort> ports, GateFailurePolicy policy) =>
        new([.. ports.Select(port => HeldAudit.Unnamed(port, policy))]);

    /// <summary>The rules of one server.</summary>
    /// <param name="isItsPod">Which pods are the server's; null without a cluster, where all rules are.</param>
    public ServerRules For(Func<HeldPod, bool>? isItsPod) =>
        new([.. _audits.Where(audit => isItsPod is null || audit.Pods.Any(isItsPod))]);
}
