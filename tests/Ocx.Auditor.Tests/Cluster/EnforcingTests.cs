using k8s.Models;
using Ocx.Api;
using Ocx.Auditor.Cluster;
using Ocx.Auditor.Deciding;
using Ocx.Ledger;

namespace Ocx.Auditor.Tests.Cluster;

/// <summary>An McpAudit's status says whether its calls are held, and what of them.</summary>
public sealed class EnforcingTests
{
    private static readonly DateTime s_now = new(2026, 11, 27, 0, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("n1,n2", "", "True", "GateConnected", "A gate holds calls on nodes n1, n2.")]
    [InlineData("n1", "n2", "False", "GatesMissing", "No gate is connected on node n2: calls to the pods there are")]
    [InlineData("", "n1,n2", "False", "NoGate", "No gate is connected on nodes n1, n2: calls to the pods there are")]
    [InlineData("", "", "Unknown", "NoPods", "It selects no pod that runs")]
    public void Whether_calls_are_held_is_a_condition(
        string guarded,
        string unguarded,
        string status,
        string reason,
        string message
    )
    {
        V1Condition condition = AuditStatus
            .Of(Kept(), null, Sight(3, guarded, unguarded), s_now)
            .Status.Conditions!.Single(one => one.Type == "Enforcing");
        Assert.Equal((status, reason), (condition.Status, condition.Reason));
        Assert.StartsWith(message, condition.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_many_nodes_some_are_named()
    {
        string nodes = string.Join(',', Enumerable.Range(100, 500));
        V1Condition condition = AuditConditions.Of(Kept(), Sight(0, "", nodes), s_now)[^1];
        Assert.Contains("108, 109 and 490 more:", condition.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_audit_that_observes_says_nothing_of_holds()
    {
        V1Alpha1McpAuditStatus status = AuditStatus.Of(Kept(), Totals(), null, s_now).Status;
        Assert.DoesNotContain(status.Conditions!, condition => condition.Type == "Enforcing");
        Assert.Null(status.Holds);
        Assert.Equal(5, status.Calls.Held);
    }

    [Fact]
    public void What_waits_and_what_failed_is_shown()
    {
        AuditTotals totals = Totals() with
        {
            Holds = 7,
            HoldP50 = TimeSpan.FromMilliseconds(1.2),
            HoldP99 = TimeSpan.FromMilliseconds(900),
            Failures = [new("QueueFull", 1, 2)],
        };
        V1Alpha1McpAuditStatus status = AuditStatus.Of(Kept(), totals, Sight(3, "n1", ""), s_now).Status;
        Assert.Equal(8, status.Calls.Held);
        HoldStatus holds = status.Holds!;
        Assert.Equal((3, 7, 2, 900), (holds.Waiting, holds.Total, holds.P50Milliseconds, holds.P99Milliseconds));
        HoldFailureStatus failure = Assert.Single(holds.Failures!);
        Assert.Equal(("QueueFull", 1, 2), (failure.Reason, failure.Passed, failure.Refused));

        // What is there already is not written again.
        Assert.Equal(AuditStatus.Text(status), AuditStatus.Text(status with { ObservedGeneration = 9 }));
        Assert.NotEqual(AuditStatus.Text(status), AuditStatus.Text(status with { Holds = null }));
    }

    private static AuditTotals Totals() =>
        new()
        {
            Namespace = "shop",
            Name = "orders",
            Held = 5,
            RefusedTools = [],
        };

    private static EnforcementSight Sight(long waiting, string guarded, string unguarded) =>
        new(
            waiting,
            guarded.Split(',', StringSplitOptions.RemoveEmptyEntries),
            unguarded.Split(',', StringSplitOptions.RemoveEmptyEntries)
        );

    private static KeptAudit Kept() =>
        new(new V1Alpha1McpAudit(), null, new ClusterSecrets(null!, "shop", [], "ocx-system:a"), [], []);
}
