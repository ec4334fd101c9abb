using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Audit.Wire;
using Ocx.Auditor.Audits;
using Ocx.Auditor.Pods;

namespace Ocx.Auditor.Intake;

/// <summary>What gates are to hold: the audits in mode Enforce, in the order in which they are asked.</summary>
/// <param name="audits">The audits.</param>
/// <param name="pods">The pods of the cluster; null where there is none.</param>
/// <param name="wantsGated">Gates are to tell which pods they hold calls of.</param>
internal sealed class GateRulesBook(AuditSet audits, PodIndex? pods, bool wantsGated = false)
{
    /// <summary>
    /// The rules of a node's gate, and the audits that they name: in a cluster those that select pods of the node.
    /// </summary>
    public (GateRules Rules, IReadOnlyDictionary<string, AuditReference> Audits) Of(string node)
    {
        var named = new Dictionary<string, AuditReference>(StringComparer.Ordinal);
        var rules = new GateRules { TellGated = wantsGated };
        IReadOnlyList<ServerPod> here = pods?.On(node) ?? [];
        foreach (ActiveAudit audit in audits.Current)
        {
            if (audit.Gate is not { } terms)
            {
                continue;
            }

            GatePod[] selected =
            [
                .. here.Where(audit.Scope.Selects)
                    .OrderBy(pod => pod.Namespace, StringComparer.Ordinal)
                    .ThenBy(pod => pod.Name, StringComparer.Ordinal)
                    .Select(Of),
            ];
            if (pods is null || selected.Length > 0)
            {
                rules.Audits.Add(Of(audit, terms, selected));
                named[NameOf(audit.Reference)] = audit.Reference;
            }
        }

        return (rules, named);
    }

    /// <summary>An audit as gates know it.</summary>
    public static string NameOf(AuditReference audit) =>
        audit.Namespace.Length > 0 ? $"{audit.Namespace}/{audit.Name}" : audit.Name;

    /// <summary>Has an action called whenever the rules of a node may have changed, until it is disposed.</summary>
    public IDisposable Follow(string node, Action changed)
    {
        void OnPods(string of)
        {
            if (of == node)
            {
                changed();
            }
        }

        audits.Changed += changed;
        if (pods is not null)
        {
            pods.Changed += OnPods;
        }

        return new Following(() =>
        {
            audits.Changed -= changed;
            if (pods is not null)
            {
                pods.Changed -= OnPods;
            }
        });
    }

    private static GateAudit Of(ActiveAudit audit, GateTerms terms, IEnumerable<GatePod> selected)
    {
        var to = new GateAudit
        {
            Audit = NameOf(audit.Reference),
            Port = (uint)audit.Scope.Port,
            TrustAnnotations = audit.Classifier.TrustsAnnotations,
            FailurePolicy = terms.FailsOpen ? GateFailurePolicy.Open : GateFailurePolicy.Closed,
            MaxHoldNs = (ulong)terms.MaxHold.Ticks * 100,
            ReleaseOnDeadline = audit.Jury.Rules.OnDeadline == Ballot.Release,
        };
        to.Pods.AddRange(selected);
        to.Methods.AddRange(audit.Scope.Methods);
        to.Tools.AddRange(audit.Scope.Tools.Select(tool => tool.Pattern));
        to.Classes.AddRange(
            audit.Classifier.Rules.Select(rule => new GateClass
            {
                Tools = rule.Tools.Pattern,
                Reversible = rule.Class == CallClass.Reversible,
            })
        );
        return to;
    }

    private static GatePod Of(ServerPod pod) =>
        new()
        {
            Namespace = pod.Namespace,
            Name = pod.Name,
            Uid = pod.Uid,
            HostNetwork = pod.HostPorts is not null,
        };

    private sealed class Following(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
