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
            "audit.enabled=true,audit.ledger.storage.storageClassName=fast,networkPolicy.enabled=true,"
                + "metrics.serviceMonitor.enabled=true",
            "audit.enabled=true,audit.replicas=2,audit.ledger.postgres.existingSecret=postgres,"
                + "audit.ledger.signingKeySecret=key,audit.tls.existingSecret=from-cert-manager,"
                + "audit.nodeSelector.pool=infra,audit.priorityClassName=high,audit.podAnnotations.a=b",
            "audit.enabled=true,audit.gate.enabled=true,audit.gate.image.tag=1.2.3,audit.gate.httpPort=9000,"
                + "audit.gate.nodeSelector.pool=servers,audit.gate.priorityClassName=system-node-critical,"
                + "metrics.podMonitor.enabled=true",
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
    [InlineData("audit.ledger.storage.size=much", "size")]
    [InlineData("audit.tls.existingSecret=Not_One", "existingSecret")]
    [InlineData("audit.gate.enabled=true", "audit.enabled=true")]
    [InlineData("audit.gate.httpPort=0", "httpPort")]
    [InlineData(
        "audit.enabled=true,audit.gate.enabled=true,audit.replicas=2,audit.ledger.postgres.existingSecret=pg,"
            + "audit.ledger.signingKeySecret=key",
        "audit.replicas=1"
    )]
    [InlineData("audit.enabled=true,audit.replicas=2", "audit.ledger.postgres.existingSecret")]
    [InlineData("audit.enabled=true,audit.ledger.postgres.existingSecret=pg", "audit.ledger.signingKeySecret")]
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

    [Fact]
    public async Task The_auditor_is_rendered_when_it_is_asked_for_and_only_then()
    {
        var without = await TemplateAsync("networkPolicy.enabled=true,metrics.serviceMonitor.enabled=true");
        Assert.DoesNotContain("audit", without, StringComparison.OrdinalIgnoreCase);

        var with = await TemplateAsync("audit.enabled=true,networkPolicy.enabled=true");
        Assert.Contains("image: ghcr.io/ocx-dev/ocx-auditor:", with, StringComparison.Ordinal);
        Assert.Contains("--agents=ocx-system/ocx-tap-agent\n", with, StringComparison.Ordinal);
        Assert.Contains("--ledger=/var/lib/ocx/ledger.db\n", with, StringComparison.Ordinal);
        Assert.Contains("volumeClaimTemplates:\n", with, StringComparison.Ordinal);
        Assert.Matches(@"name: OCX_AUDIT\s+value: ""true""", with);
        Assert.DoesNotMatch(@"kind: PodDisruptionBudget\nmetadata:\n\s+name: ocx-tap-auditor", with);

        var two = await TemplateAsync(
            "audit.enabled=true,audit.replicas=2,audit.ledger.postgres.existingSecret=pg,"
                + "audit.ledger.signingKeySecret=key"
        );
        Assert.Contains("--ledger-postgres=/etc/ocx/postgres/connectionString\n", two, StringComparison.Ordinal);
        Assert.DoesNotContain("volumeClaimTemplates:", two, StringComparison.Ordinal);
        Assert.Matches(@"kind: PodDisruptionBudget\nmetadata:\n\s+name: ocx-tap-auditor", two);

        Assert.DoesNotContain("OTEL_", with, StringComparison.Ordinal);
        var traced = await TemplateAsync(
            "audit.enabled=true,audit.otlp.endpoint=http://collector:4318,audit.otlp.protocol=http/protobuf,"
                + "audit.otlp.headersSecret.name=otlp"
        );
        Assert.Matches(@"name: OTEL_EXPORTER_OTLP_ENDPOINT\s+value: ""http://collector:4318""", traced);
        Assert.Matches(@"name: OTEL_EXPORTER_OTLP_PROTOCOL\s+value: http/protobuf", traced);
        Assert.Matches(@"OTEL_EXPORTER_OTLP_HEADERS\s+valueFrom: .*name: otlp, key: ""headers""", traced);

        // Whoever brings certificates keeps them: the operator has no right to them.
        var given = await TemplateAsync("audit.enabled=true,audit.tls.existingSecret=from-cert-manager");
        Assert.Matches(@"name: OCX_AUDITOR_TLS_SECRET\s+value: from-cert-manager", given);
        Assert.DoesNotContain("resources: [secrets", given, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gates_are_rendered_when_they_are_asked_for_and_only_then()
    {
        var without = await TemplateAsync("audit.enabled=true,networkPolicy.enabled=true");
        Assert.DoesNotContain("gate", without, StringComparison.OrdinalIgnoreCase);

        var with = await TemplateAsync("audit.enabled=true,audit.gate.enabled=true");
        Assert.Contains("--gates=ocx-system/ocx-tap-gate\n", with, StringComparison.Ordinal);
        Assert.Matches(@"name: OCX_GATE\s+value: "".*ghcr.io/ocx-dev/ocx-gate:", with);
        Assert.Matches(@"kind: ServiceAccount\nmetadata:\n\s+name: ocx-tap-gate\n", with);
        Assert.Matches(@"kind: Job\nmetadata:\n\s+name: ocx-tap-gates-end\n", with);
        // The operator makes it, while an audit asks for it.
        Assert.DoesNotContain("kind: DaemonSet\n", with, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_right_to_write_pods_statuses_comes_with_readiness_gates_alone()
    {
        foreach (
            string values in new[]
            {
                "audit.enabled=true,audit.gate.enabled=true",
                "audit.enabled=true,audit.gate.enabled=false,audit.gate.readinessGate=true",
            }
        )
        {
            var without = await TemplateAsync(values, "--api-versions", Policy);
            Assert.DoesNotContain("pods/status", without, StringComparison.Ordinal);
            Assert.DoesNotContain("--readiness-gate\n", without, StringComparison.Ordinal);
        }

        var with = await TemplateAsync("audit.enabled=true,audit.gate.enabled=true,audit.gate.readinessGate=true");
        Assert.Contains("resources: [pods/status]\n    verbs: [patch]\n", with, StringComparison.Ordinal);
        Assert.Contains("- --readiness-gate\n", with, StringComparison.Ordinal);
        Assert.DoesNotContain("ocx-tap-gated-condition", with, StringComparison.Ordinal);
        Assert.Contains(
            "policyName: ocx-tap-gated-condition\n",
            await TemplateAsync(
                "audit.enabled=true,audit.gate.enabled=true,audit.gate.readinessGate=true",
                "--api-versions",
                Policy
            ),
            StringComparison.Ordinal
        );
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
