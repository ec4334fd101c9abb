namespace Ocx.Audit.Approvals;

/// <summary>
/// Where approvals are kept: a file, or the objects of a cluster. For any number of threads, and where several auditors
/// share them also for those.
/// </summary>
public interface IApprovals
{
    /// <summary>An approval was asked for, decided or used.</summary>
    event Action<Approval>? Changed;

    /// <summary>
    /// Looks for a person's word on a call, and asks for one where there is none. In one step, so that of two equal
    /// calls that come at once only one is released by an approval, and only one asks.
    /// </summary>
    /// <param name="asked">The question, as <see cref="Approval.Ask"/> makes it.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ApprovalsException">It cannot be looked for or asked for now.</exception>
    Task<ApprovalAnswer> AskAsync(Approval asked, CancellationToken cancellation);

    /// <summary>All that are kept, the oldest first.</summary>
    /// <exception cref="ApprovalsException">They cannot be read now.</exception>
    Task<IReadOnlyList<Approval>> ListAsync(CancellationToken cancellation);
}

/// <summary>What is known of a person's word on a call.</summary>
/// <param name="Approval">
/// Decided to release, which this call has used up by now; decided to refuse; or waiting for a person. Null when none
/// could be asked for.
/// </param>
/// <param name="Full">Why none could be asked for: as many wait as may; null else.</param>
public readonly record struct ApprovalAnswer(Approval? Approval, string? Full = null);

/// <summary>How many approvals may wait for a person at once: a caller decides how often he asks.</summary>
public static class ApprovalLimits
{
    /// <summary>Those of one caller to one audit: so one caller cannot take all places of the others.</summary>
    public const int Caller = 20;

    /// <summary>Those of one audit.</summary>
    public const int Audit = 200;

    /// <summary>Those of one namespace's audits: so one namespace cannot take all places of the others.</summary>
    public const int Namespace = 400;

    /// <summary>All of them.</summary>
    public const int All = 2000;

    /// <summary>Why no more can be asked for; null when one more can.</summary>
    /// <param name="ofCaller">How many wait of the caller, to this audit.</param>
    /// <param name="ofAudit">How many wait of the audit.</param>
    /// <param name="ofNamespace">How many wait of the audit's namespace.</param>
    /// <param name="all">How many wait.</param>
    public static string? Full(long ofCaller, long ofAudit, long ofNamespace, long all) =>
        ofCaller >= Caller ? $"{Caller} calls of this caller wait already"
        : ofAudit >= Audit ? $"{Audit} calls of this audit wait already"
        : ofNamespace >= Namespace ? $"{Namespace} calls of this namespace wait already"
        : all >= All ? $"{All} calls wait already"
        : null;
}
