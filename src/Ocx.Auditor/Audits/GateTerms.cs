using Ocx.Api;

namespace Ocx.Auditor.Audits;

/// <summary>How an audit's calls are held.</summary>
/// <param name="MaxHold">The longest that anything is held.</param>
/// <param name="FailsOpen">What cannot be held or judged passes.</param>
public sealed record GateTerms(TimeSpan MaxHold, bool FailsOpen)
{
    private const int Share = 20;

    // A record is on the disk, and a verdict over the network, well before.
    private static readonly TimeSpan s_most = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long the auditor takes for a verdict at most: what it decides then is at the gate before the hold ends.
    /// </summary>
    public TimeSpan Patience => MaxHold - (MaxHold / Share < s_most ? MaxHold / Share : s_most);

    /// <summary>Those of a spec without problems; null in mode Observe.</summary>
    public static GateTerms? Of(V1Alpha1McpAuditSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.Mode == AuditMode.Enforce && AuditTime.TryParse(spec.Gate.MaxHold, out TimeSpan most)
            ? new GateTerms(most, spec.Gate.FailurePolicy == GateFailurePolicy.Open)
            : null;
    }

    /// <summary>What is left for a verdict on a call.</summary>
    /// <param name="opened">When its first byte passed, by the gate's clock.</param>
    /// <param name="now">The time of this one.</param>
    public TimeSpan Left(DateTimeOffset opened, DateTimeOffset now)
    {
        // An age that no held call has is the difference of two clocks.
        TimeSpan age = now - opened;
        TimeSpan left = age > TimeSpan.Zero && age < MaxHold ? Patience - age : Patience;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
