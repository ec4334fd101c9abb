namespace Ocx.ControlPlane.Tests;

/// <summary>The chart in helm's own eyes. Without helm these fail, as all of this suite does.</summary>
public sealed class ChartTests(Cluster cluster)
{
    private const string Policy = "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy";

    private static readonly string s_chart = Path.Combine(Checkout.Root, "deploy/helm/ocx-tap");

    public static TheoryData<string> ValueSets =>
        [
            "",
            "operator.replicas=1,podDisruptionBudget.enabled=false,admissionPolicy.enabled=false",
            "metrics.serviceMonitor.enabled=true,metrics.podMonitor.enabled=true,"
                + "metrics.podMonitor.labels.release=prometheus,networkPolicy.enabled=true",
            "metrics.prometheusRule.enabled=true,metrics.prometheusRule.labels.release=prometheus,"
                + "metrics.dashboard.enabled=true,metrics.dashboard.annotations.grafana_folder=mcp",
            "taps.mcp.port=8080,taps.mcp.interface=ens5,taps.other.port=9000,operator.image.tag=1.2.3,"
                + "agent.image.repository=registry.example.com/agent",
            "imagePullSecrets[0].name=registry,operator.priorityClassName=system-cluster-critical,"
                + "operator.nodeSelector.pool=infra,operator.podAnnotations.a=b",
        ];

    [Theory]
    [MemberData(nameof(ValueSets))]
    public async Task Helm_finds_nothing_to_blame(string values)
    {
        Assert.Contains(
            "0 chart(s) failed",
            await cluster.ControlPlane.HelmAsync("lint", "--strict", s_chart, "--set", values),
            StringComparison.Ordinal
        );
        Assert.Contains("kind: Deployment", await TemplateAsync(values), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("operator.replicas=0", "replicas")]
    [InlineData("operator.image.pullPolicy=Sometimes", "pullPolicy")]
    [InlineData("operatr.replicas=2", "operatr")]
    [InlineData("taps.With_Underscore.port=8080", "taps")]
    [InlineData("metrics.podMonitor.interval=often", "interval")]
    public async Task A_value_that_cannot_be_is_refused_by_name(string values, string named) =>
        Assert.Contains(
            named,
            (await Assert.ThrowsAsync<InvalidOperationException>(() => TemplateAsync(values))).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public async Task What_is_optional_is_rendered_when_it_is_asked_for_and_only_then()
    {
        var plain = await TemplateAsync("");
        Assert.All(
            [
                "ServiceMonitor",
                "PodMonitor",
                "PrometheusRule",
                "ConfigMap",
                "NetworkPolicy",
                "ValidatingAdmissionPolicy",
                "McpTap",
            ],
            kind => Assert.DoesNotContain($"kind: {kind}\n", plain, StringComparison.Ordinal)
        );
        Assert.Contains("kind: PodDisruptionBudget\n", plain, StringComparison.Ordinal);
        Assert.Contains(
            "apiVersion: policy/v1\n",
            await TemplateAsync("", "--api-versions", "policy/v1"),
            StringComparison.Ordinal
        );

        var all = await TemplateAsync(
            "metrics.serviceMonitor.enabled=true,metrics.podMonitor.enabled=true,"
                + "metrics.prometheusRule.enabled=true,metrics.dashboard.enabled=true,networkPolicy.enabled=true,"
                + "taps.mcp.port=8080",
            "--api-versions",
            Policy
        );
        Assert.All(
            [
                "ServiceMonitor",
                "PodMonitor",
                "PrometheusRule",
                "ConfigMap",
                "NetworkPolicy",
                "ValidatingAdmissionPolicy",
                "ValidatingAdmissionPolicyBinding",
                "McpTap",
            ],
            kind => Assert.Contains($"kind: {kind}\n", all, StringComparison.Ordinal)
        );
        Assert.DoesNotContain(
            "ValidatingAdmissionPolicy",
            await TemplateAsync("admissionPolicy.enabled=false", "--api-versions", Policy),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Agents_may_see_pods_where_attribution_is_wanted_and_only_there()
    {
        var with = await TemplateAsync("");
        Assert.Contains("name: ocx-tap-agent-attribution\n", with, StringComparison.Ordinal);
        Assert.Matches(@"name: OCX_AGENT_PODS\s+value: ""true""", with);

        var without = await TemplateAsync("agent.attribution.enabled=false");
        Assert.DoesNotContain("ocx-tap-agent-attribution", without, StringComparison.Ordinal);
        Assert.Matches(@"name: OCX_AGENT_PODS\s+value: ""false""", without);
    }

    private Task<string> TemplateAsync(string values, params string[] more) =>
        cluster.ControlPlane.HelmAsync([
            "template",
            "ocx",
            s_chart,
            "--namespace",
            Cluster.Namespace,
            "--set",
            values,
            .. more,
        ]);
}
