namespace Ocx.Ledger;

/// <summary>
/// What the calls of an audit came to, over all chains and restarts, also those whose records were dropped. Counted in
/// the transaction that stores a call's record.
/// </summary>
public sealed record AuditTotals
{
    /// <summary>The audit's namespace; empty without a cluster.</summary>
    public required string Namespace { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Calls that were released.</summary>
    public long Released { get; init; }

    /// <summary>Calls that were refused, or would have been.</summary>
    public long Refused { get; init; }

    /// <summary>Calls that waited for a person, or would have.</summary>
    public long Held { get; init; }

    /// <summary>Calls on which nobody decided in time.</summary>
    public long Expired { get; init; }

    /// <summary>All of them.</summary>
    public long Total => Released + Refused + Held + Expired;

    /// <summary>The tools that were refused, the most refused first; at most 200 for each chain.</summary>
    public required IReadOnlyList<ToolRefusals> RefusedTools { get; init; }

    /// <summary>Refused calls of tools beyond those.</summary>
    public long RefusedOfOtherTools { get; init; }

    /// <summary>
    /// Half of the verdicts took no longer, from the request to the verdict by the clocks of agent and auditor; zero
    /// without verdicts. Read off between bounds of which each is 1.41 times the one before.
    /// </summary>
    public TimeSpan P50 { get; init; }

    /// <summary>All but one in a hundred took no longer.</summary>
    public TimeSpan P99 { get; init; }

    /// <summary>Calls that gates have held, or whose results.</summary>
    public long Holds { get; init; }

    /// <summary>Half of the holds took no longer, as the gates say; read off likewise.</summary>
    public TimeSpan HoldP50 { get; init; }

    /// <summary>All but one in a hundred took no longer.</summary>
    public TimeSpan HoldP99 { get; init; }

    /// <summary>What gates could not hold or decide, by reason.</summary>
    public IReadOnlyList<HoldFailure> Failures { get; init; } = [];
}

/// <summary>How often a tool was refused.</summary>
/// <param name="Tool">Its name, escaped and cut after 128 characters.</param>
/// <param name="Refused">Its refused calls.</param>
public readonly record struct ToolRefusals(string Tool, long Refused);
