using k8s.Models;
using Ocx.Api;
using Ocx.Auditor.Audits;
using Ocx.Auditor.Cluster;
using Ocx.Auditor.Deciding;
using Ocx.Auditor.Pods;
using Ocx.Auditor.Tests.Pods;
using static Ocx.Auditor.Tests.Pods.PodObjects;

namespace Ocx.Auditor.Tests.Cluster;

/// <summary>
/// A pod is gated once the gate of its own node says so, and stays so for a while when that is not so any more.
/// </summary>
public sealed class GatedConditionTests : IDisposable
{
    private const string Node = "n1";

    private static readonly DateTime s_now = new(2026, 11, 27, 0, 0, 0, DateTimeKind.Utc);

    private readonly SteppedTime _time = new();
    private readonly PodIndex _pods = new(TimeProvider.System);
    private readonly AuditSet _audits = new([]);
    private readonly GatedPods _gated = new();
    private readonly ConnectedGates _gates;
    private readonly GatedCondition _condition;
    private readonly PodObject _pod = Pod("rows-1", Node, "10.0.0.1");

    public GatedConditionTests()
    {
        _gates = new ConnectedGates(_time);
        _condition = new GatedCondition(_pods, _audits, _gates, _gated, _time);
        _pod.Metadata.Labels = new Dictionary<string, string> { ["app"] = "rows" };
        _pods.Set("shop/rows-1", _pod);
    }

    public void Dispose() => _audits.Dispose();

    [Fact]
    public void It_is_gated_when_the_gate_of_its_node_says_so_and_not_before()
    {
        Assert.Equal("False NotSelected", Look());
        Replace(AuditMode.Observe);
        Assert.Equal("True NotEnforced", Look());
        Forget();
        Replace(AuditMode.Enforce);
        Assert.Equal("False NoGate", Look());
        _gates.Enter(Node);
        Assert.Equal("False NotGated", Look());
        _gated.Set("n2", [_pod.Metadata.Uid]); // a gate of another node
        Assert.Equal("False NotGated", Look());
        _gated.Set(Node, ["uid-another"]);
        Assert.Equal("False NotGated", Look());
        _gated.Set(Node, ["uid-another", _pod.Metadata.Uid]);
        Assert.Equal("True Gated", Look());
    }

    [Fact]
    public void A_gate_that_is_rolled_out_takes_no_pod_out_of_its_service()
    {
        Replace(AuditMode.Enforce);
        IDisposable first = _gates.Enter(Node);
        _gated.Set(Node, [_pod.Metadata.Uid]);
        Assert.Equal("True Gated", Look());
        first.Dispose();
        Assert.Equal("True Gated", Look());
        _time.Step(GatedCondition.PatienceWithoutGate - TimeSpan.FromSeconds(1));
        Assert.Equal("True Gated", Look());

        // The next gate looks for its pods first, and says what it has found.
        IDisposable second = _gates.Enter(Node);
        Assert.Equal("True Gated", Look());
        _gated.Set(Node, []);
        Assert.Equal("True Gated", Look());
        _time.Step(TimeSpan.FromSeconds(29));
        Assert.Equal("True Gated", Look());
        _gated.Set(Node, [_pod.Metadata.Uid]);
        Assert.Equal("True Gated", Look());

        // The next doubt begins anew.
        second.Dispose();
        Assert.Equal("True Gated", Look());
        _time.Step(GatedCondition.PatienceWithoutGate - TimeSpan.FromSeconds(1));
        Assert.Equal("True Gated", Look());
        _time.Step(TimeSpan.FromSeconds(1));
        Assert.Equal("False NoGate", Look());
    }

    [Fact]
    public void A_gate_that_is_there_and_does_not_hold_a_pod_is_believed_after_a_while()
    {
        Replace(AuditMode.Enforce);
        _gates.Enter(Node);
        _gated.Set(Node, [_pod.Metadata.Uid]);
        Assert.Equal("True Gated", Look());
        _gated.Set(Node, []);
        Assert.Equal("True Gated", Look());
        _time.Step(GatedCondition.Patience);
        Assert.Equal("False NotGated", Look());
        _gated.Set(Node, [_pod.Metadata.Uid]);
        Assert.Equal("True Gated", Look());
    }

    [Fact]
    public void An_auditor_that_has_just_begun_leaves_what_is_true_until_gates_have_spoken()
    {
        Replace(AuditMode.Enforce);
        _pod.Status!.Conditions =
        [
            new V1PodCondition
            {
                Type = PodCondition.Gated,
                Status = "True",
                Reason = "Gated",
            },
        ];
        Assert.Equal("True Gated", Look());
        _gates.Enter(Node);
        _gated.Set(Node, [_pod.Metadata.Uid]);
        Assert.Equal("True Gated", Look());
    }

    [Fact]
    public void An_audit_that_goes_takes_its_pods_out_after_a_while_and_one_that_observes_does_not()
    {
        Replace(AuditMode.Enforce);
        _gates.Enter(Node);
        _gated.Set(Node, [_pod.Metadata.Uid]);
        Assert.Equal("True Gated", Look());
        Replace(AuditMode.Observe);
        _gated.Set(Node, []);
        _time.Step(TimeSpan.FromHours(1));
        Assert.Equal("True NotEnforced", Look());

        // To enforce again, the gate needs its moment.
        Replace(AuditMode.Enforce);
        Assert.Equal("True NotEnforced", Look());
        _gated.Set(Node, [_pod.Metadata.Uid]);
        Assert.Equal("True Gated", Look());

        _audits.Replace([]);
        Assert.Equal("True Gated", Look());
        _time.Step(GatedCondition.Patience);
        Assert.Equal("False NotSelected", Look());
    }

    [Fact]
    public void A_time_is_that_of_the_last_change_and_what_has_no_node_or_goes_has_no_condition()
    {
        Assert.Equal("False NotSelected", Look());
        DateTime? since = _pod.Status!.Conditions![0].LastTransitionTime;
        Replace(AuditMode.Enforce);
        Assert.Equal("False NoGate", Look(s_now.AddHours(1)));
        Assert.Equal(since, _pod.Status.Conditions[0].LastTransitionTime);

        _pod.Metadata.DeletionTimestamp = s_now;
        Assert.Null(_condition.Of(_pod, s_now));
        Assert.Null(_condition.Of(Pod("nowhere", null), s_now));
        Assert.Null(_condition.Of(Pod("unknown", Node), s_now));
    }

    private void Replace(string mode)
    {
        var audit = new V1Alpha1McpAudit();
        audit.Metadata.Name = "rows";
        audit.Metadata.NamespaceProperty = "shop";
        audit.Spec.Mode = mode;
        audit.Spec.Server = new V1Alpha1AuditServer
        {
            PodSelector = new V1Alpha1PodSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "rows" } },
        };
        audit.Spec.Jury = new V1Alpha1AuditJury
        {
            Jurors = [new V1Alpha1Juror { Name = "signs", Signal = new V1Alpha1SignalJuror() }],
        };
        var builder = new AuditBuilder(TimeProvider.System, _ => throw new InvalidOperationException(), false);
        ActiveAudit active = builder.Build(audit)!;
        Assert.Empty(builder.Problems);
        _audits.Replace([active]);
    }

    private void Forget() => _pod.Status!.Conditions = null;

    // What it is, and is written as.
    private string Look(DateTime? now = null)
    {
        V1PodCondition said = _condition.Of(_pod, now ?? s_now)!;
        Assert.Equal(PodCondition.Gated, said.Type);
        Assert.NotEmpty(said.Message ?? "kept");
        _pod.Status!.Conditions = [said];
        return $"{said.Status} {said.Reason}";
    }
}
