using Ocx.Audit.Intents;
using Ocx.Audit.Link;
using Ocx.Audit.Wire;
using Ocx.Mcp.Records;
using ToolHints = Ocx.Audit.Intents.ToolHints;

namespace Ocx.Gate.Asking;

/// <summary>The audits of one port, of which there is at least one. For any thread.</summary>
internal sealed class PortRules
{
    private readonly HeldAudit[] _audits;

    /// <summary>From the audits, in the order in which they are asked.</summary>
    public PortRules(HeldAudit[] audits)
    {
        _audits = audits;
        FailurePolicy = StrictestOf(audits);
        LongestHold = audits.Max(audit => audit.MaxHold);
    }

    /// <summary>The first of its audits. What has no call, as an unreadable connection, is counted with it.</summary>
    public HeldAudit First => _audits[0];

    /// <summary>What becomes of connections that cannot be read: Closed if any of the audits says so.</summary>
    public GateFailurePolicy FailurePolicy { get; }

    /// <summary>The longest that any of its audits lets a call wait.</summary>
    public TimeSpan LongestHold { get; }

    /// <summary>
    /// What is held of a call, and how. Which of several audits judges it depends on conditions that the auditor
    /// knows, so the strictest holds: it is irreversible if it is to any of them.
    /// </summary>
    /// <param name="method">The JSON-RPC method.</param>
    /// <param name="tool">The tool; it is looked at as the auditor is told of it.</param>
    /// <param name="said">What the server says of the tool.</param>
    public CallRules Of(string method, string tool, ToolAnnotations said)
    {
        method = CallMessages.Text(method, AuditBounds.Method);
        tool = CallMessages.Text(tool, AuditBounds.Tool);
        CallRules rules = default;
        foreach (HeldAudit audit in _audits)
        {
            if (audit.Includes(method, tool))
            {
                rules = rules.With(audit, audit.ClassOf(tool, Hints(said)));
            }
        }

        return rules;
    }

    /// <summary>May calls of this method be held, of whatever tool?</summary>
    public bool MayHold(string method) => Array.Exists(_audits, audit => audit.HasMethod(method));

    private static GateFailurePolicy StrictestOf(HeldAudit[] audits) =>
        Array.Exists(audits, audit => audit.FailurePolicy == GateFailurePolicy.Closed)
            ? GateFailurePolicy.Closed
            : GateFailurePolicy.Open;

    private static ToolHints Hints(ToolAnnotations said) =>
        new(
            said.Hint(ToolAnnotations.HasReadOnly),
            said.Hint(ToolAnnotations.HasDestructive),
            said.Hint(ToolAnnotations.HasIdempotent),
            said.Hint(ToolAnnotations.HasOpenWorld)
        );
}

/// <summary>What is held of one call, by all audits that may be its own.</summary>
/// <param name="Audit">The first of them, by which it is counted until a verdict names another; null for none.</param>
/// <param name="IsIrreversible">The call itself waits; else its result.</param>
/// <param name="FailurePolicy">Closed if any of them says so.</param>
/// <param name="MaxHold">The longest that any of them allows.</param>
/// <param name="ReleaseOnDeadline">Without a verdict by then it passes: if all of them say so.</param>
internal readonly record struct CallRules(
    HeldAudit? Audit,
    bool IsIrreversible,
    GateFailurePolicy FailurePolicy,
    TimeSpan MaxHold,
    bool ReleaseOnDeadline
)
{
    /// <summary>Is it any audit's?</summary>
    public bool IsAudited => Audit is not null;

    /// <summary>With one more audit that may be its own.</summary>
    public CallRules With(HeldAudit audit, CallClass its) =>
        Audit is null
            ? new(audit, its == CallClass.Irreversible, audit.FailurePolicy, audit.MaxHold, audit.ReleaseOnDeadline)
            : this with
            {
                IsIrreversible = IsIrreversible || its == CallClass.Irreversible,
                FailurePolicy =
                    audit.FailurePolicy == GateFailurePolicy.Closed ? GateFailurePolicy.Closed : FailurePolicy,
                MaxHold = audit.MaxHold > MaxHold ? audit.MaxHold : MaxHold,
                ReleaseOnDeadline = ReleaseOnDeadline && audit.ReleaseOnDeadline,
            };
}
