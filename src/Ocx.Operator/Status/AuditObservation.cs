using Ocx.Api;

namespace Ocx.Operator.Status;

/// <summary>Everything that the operator's part of an McpAudit's status is made from.</summary>
internal sealed record AuditObservation
{
    /// <summary>The audit, with its present status.</summary>
    public required V1Alpha1McpAudit Audit { get; init; }

    /// <summary>What is wrong with its spec; null when nothing is.</summary>
    public string? Problem { get; init; }

    /// <summary>How many replicas the auditor is to have; none when it is not installed.</summary>
    public int AuditorsWanted { get; init; }

    /// <summary>How many of them are ready.</summary>
    public int AuditorsReady { get; init; }

    /// <summary>The namespace of the operator and the auditor.</summary>
    public string Namespace { get; init; } = "ocx-system";

    /// <summary>The taps on the server's port, in order.</summary>
    public IReadOnlyList<AuditedTap> Taps { get; init; } = [];

    /// <summary>The gates; null where the chart has none.</summary>
    public GateNodes? Gates { get; init; }

    /// <summary>The time.</summary>
    public required DateTime Now { get; init; }
}

/// <summary>A tap on an audited port.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsSuspended">It captures nothing.</param>
/// <param name="HidesArguments">Its agents keep arguments to themselves.</param>
internal readonly record struct AuditedTap(string Name, bool IsSuspended, bool HidesArguments);

/// <summary>The nodes that have a gate.</summary>
/// <param name="Wanted">How many are to have one.</param>
/// <param name="Ready">How many of them have one that holds.</param>
internal readonly record struct GateNodes(int Wanted, int Ready);
