using System.Text;
using k8s.Models;
using Ocx.Api;
using Ocx.Auditor.Audits;
using Ocx.Auditor.Cluster;
using Ocx.Auditor.Deciding;
using Ocx.Auditor.Rehearsing;
using Prometheus;

namespace Ocx.Auditor.Tests.Rehearsing;

/// <summary>Status, conditions and metrics tell how calls are rehearsed.</summary>
public sealed class RehearsalStatusTests
{
    private static readonly DateTime s_now = new(2026, 11, 27, 0, 0, 0, DateTimeKind.Utc);

    [Fact]
    public async Task Status_has_shadows_clones_and_failures()
    {
        using ActiveAudit audit = RehearsedAudit.Active(new TestShadows(TestShadows.Full));
        await RehearsedAudit.JudgeAsync(audit, RehearsedAudit.Call());
        await RehearsedAudit.JudgeAsync(audit, RehearsedAudit.Call() with { ArgumentsComplete = false });
        V1Alpha1McpAuditStatus status = AuditStatus.Of(Kept(audit), null, null, s_now).Status;
        RehearsalStatus rehearsal = status.Rehearsal!;
        Assert.Equal((2, 2), (rehearsal.Warm, rehearsal.Total));
        RehearsalFailureStatus failure = Assert.Single(rehearsal.Failures!);
        Assert.Equal(("arguments not exact", 1), (failure.Reason, failure.Count));
        Assert.Equal(
            [("orders", 2L, 1000L), ("cache", 1, 0)],
            rehearsal.Clones!.Select(clone => (clone.Name, clone.Ready, clone.LagMilliseconds))
        );
        Assert.NotEqual(AuditStatus.Text(status), AuditStatus.Text(status with { Rehearsal = null }));
        Assert.Equal(("True", "Ready"), Condition(audit));
    }

    [Fact]
    public void A_source_that_cannot_be_cloned_is_named_in_the_condition()
    {
        var shadows = new TestShadows(TestShadows.Full)
        {
            Sight = new(0, [new CloneSight("orders", 0, TimeSpan.Zero, "the source refuses\nreplication")]),
        };
        using ActiveAudit audit = RehearsedAudit.Active(shadows);
        V1Condition condition = AuditConditions.Of(Kept(audit), null, s_now)[^1];
        Assert.Equal(
            ("False", "NotReady", @"orders: the source refuses\nreplication"),
            (condition.Status, condition.Reason, condition.Message)
        );
    }

    [Fact]
    public void In_a_cluster_the_condition_says_that_nothing_is_rehearsed()
    {
        using ActiveAudit audit = RehearsedAudit.Active(null);
        Assert.Equal(("False", "NotCarriedOut"), Condition(audit));
    }

    [Fact]
    public void An_audit_without_rehearsals_says_nothing_of_them()
    {
        V1Alpha1McpAudit spec = RehearsedAudit.Spec(when: "call.tool == 'x'");
        spec.Spec.Rehearsal = null;
        using ActiveAudit audit = RehearsedAudit.Active(null, spec);
        V1Alpha1McpAuditStatus status = AuditStatus.Of(Kept(audit), null, null, s_now).Status;
        Assert.Null(status.Rehearsal);
        Assert.DoesNotContain(status.Conditions!, condition => condition.Type == AuditConditions.Rehearsing);
    }

    [Fact]
    public async Task Metrics_have_shadows_and_lags_of_the_audits_of_now()
    {
        CollectorRegistry registry = Metrics.NewCustomRegistry();
        using var audits = new AuditSet([RehearsedAudit.Active(new TestShadows(TestShadows.Full))]);
        _ = new ShadowMetrics(audits, registry);
        string text = await TextAsync(registry);
        Assert.Contains("ocx_auditor_shadows_warm{namespace=\"\",audit=\"orders\"} 2", text, StringComparison.Ordinal);
        Assert.Contains(
            "ocx_auditor_clone_lag_seconds{namespace=\"\",audit=\"orders\",source=\"orders\"} 0.04",
            text,
            StringComparison.Ordinal
        );
        audits.Replace([]);
        Assert.DoesNotContain("audit=\"orders\"", await TextAsync(registry), StringComparison.Ordinal);
    }

    private static async Task<string> TextAsync(CollectorRegistry registry)
    {
        using var text = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(text, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(text.ToArray());
    }

    private static (string Status, string Reason) Condition(ActiveAudit audit)
    {
        V1Condition condition = AuditConditions.Of(Kept(audit), null, s_now)[^1];
        Assert.Equal(AuditConditions.Rehearsing, condition.Type);
        return (condition.Status, condition.Reason);
    }

    private static KeptAudit Kept(ActiveAudit audit) =>
        new(new V1Alpha1McpAudit(), audit, new ClusterSecrets(null!, "shop", [], "ocx-system:a"), [], []);
}
