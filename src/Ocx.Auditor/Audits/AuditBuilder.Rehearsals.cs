using Ocx.Api;
using Ocx.Audit.Classes;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Auditor.Rehearsing;

namespace Ocx.Auditor.Audits;

/// <summary>What is rehearsed, and who rehearses.</summary>
internal sealed partial class AuditBuilder
{
    private Rehearsed? RehearsedOf(V1Alpha1Rehearsal? spec)
    {
        if (spec is null)
        {
            return null;
        }

        var rehearsed = new Rehearsed(
            [.. spec.Classes.Select(one => Word<CallClass>("spec.rehearsal.classes", one))],
            [.. Globs("spec.rehearsal.tools", spec.Tools)],
            Word<Ballot>("spec.rehearsal.onFailure", spec.OnFailure)
        );
        if (rehearsed.OnFailure == Ballot.Release)
        {
            _problems.Add("spec.rehearsal.onFailure: it is Hold, Refuse or Abstain");
        }

        return rehearsed;
    }

    // The last of all: what it makes is running, and an audit with problems would leave it so.
    private Rehearsal Rehearsal(V1Alpha1McpAudit audit, Rehearsed rehearsed)
    {
        RehearsalTerms terms = RehearsalTerms.Of(audit);
        if (shadows is null && standsAlone)
        {
            _warnings.Add(
                "spec.rehearsal: no call is rehearsed here: each fails, and spec.rehearsal.onFailure says what that "
                    + "means"
            );
        }

        // Credentials are masked in what a shadow did also where the audit masks nothing more.
        ArgumentRedaction masks = Redaction(audit.Spec.Redact ?? new V1Alpha1Redaction())!;
        return new Rehearsal(shadows?.Invoke(terms), new EvidenceRedaction(masks).Apply)
        {
            Classes = rehearsed.Classes,
            Tools = rehearsed.Tools,
            Timeout = terms.Timeout,
            OnFailure = rehearsed.OnFailure,
        };
    }

    private sealed record Rehearsed(HashSet<CallClass> Classes, IReadOnlyList<Glob> Tools, Ballot OnFailure);
}
