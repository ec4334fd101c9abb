using k8s;
using k8s.Models;

namespace Ocx.ControlPlane.Tests;

/// <summary>McpAudits from their creation to their end, and what the agents of taps are told meanwhile.</summary>
[Collection(nameof(AuditCluster))]
public sealed class AuditTests(AuditCluster audits) : IAsyncLifetime
{
    private static readonly (bool, string) s_well = (true, "All is well.");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await audits.ClearAsync();

    [Fact]
    public async Task An_audit_says_at_each_step_whether_it_is_ready_and_if_not_what_to_do()
    {
        await using var leader = audits.StartOperator();
        await audits.CreateAuditAsync("life", 8100);
        await audits.ReadyAsync("life", "AuditorNotReady", "describe pods");
        await audits.SetAuditorsAsync(wanted: 1, ready: 1);
        await audits.ReadyAsync("life", "NoTap", "No McpTap taps port 8100");
        await audits.Cluster.CreateTapAsync("life", """{"port":8100}""");
        await audits.ReadyAsync("life", "WaitingForAuditor");
        await audits.SayAsync("life", (false, "jury.jurors: s: what it says"), s_well);
        await audits.ReadyAsync("life", "RulesRefused", "what it says");
        await audits.SayAsync("life", s_well, (false, "kubectl create role reads-it"));
        await audits.ReadyAsync("life", "JurorsNotReady", "reads-it");
        await audits.SayAsync("life", s_well, s_well);
        await audits.ReadyAsync("life", "Auditing", "McpTap life tells of the calls.");

        // Each writer leaves the other's fields alone.
        var status = (await audits.AuditAsync("life")).Status!;
        Assert.Equal(
            ("app=rows:8100", 1, 7, 2),
            (status.Server, status.ObservedGeneration, status.Calls.Total, status.Calls.Refused)
        );
        Assert.Equal(["JurorsReady", "Ready", "RulesAccepted"], status.Conditions!.Select(each => each.Type).Order());

        var lines = (
            await audits.Cluster.ControlPlane.KubectlAsync("--namespace", AuditCluster.Shop, "get", "mcpaudits")
        ).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Matches(
            "^NAME +SERVER +MODE +CALLS +RELEASED +REFUSED +HELD +EXPIRED +HOLDP99 +STATUS +AGE *$",
            lines[0]
        );
        Assert.Matches("^life +app=rows:8100 +Observe +7 +[0-9]+ +2 +0 +0 +Auditing ", lines[1]);

        await audits.Cluster.PatchTapAsync("life", """{"spec":{"payload":"Metadata"}}""");
        await audits.ReadyAsync("life", "Auditing", "Jurors see no arguments");
        await audits.Cluster.PatchTapAsync("life", """{"spec":{"suspend":true}}""");
        await audits.ReadyAsync("life", "NoTap", "is suspended");
        await audits.SetAuditorsAsync(wanted: 0, ready: 0);
        await audits.ReadyAsync("life", "AuditorOff");

        await Eventually.TrueAsync(
            async () =>
                (await audits.Admin.CoreV1.ListNamespacedEventAsync(AuditCluster.Shop))
                    .Items.Where(news => news.InvolvedObject is { Kind: "McpAudit", Name: "life" })
                    .Select(news => $"{news.Type} {news.Reason}")
                    .ToHashSet()
                    .IsSupersetOf([
                        "Warning AuditorNotReady",
                        "Warning NoTap",
                        "Normal WaitingForAuditor",
                        "Warning RulesRefused",
                        "Warning JurorsNotReady",
                        "Normal Auditing",
                        "Warning AuditorOff",
                    ]),
            "events in the audit's namespace tell each step"
        );
    }

    [Fact]
    public async Task What_cannot_be_carried_out_is_refused_with_a_message_and_no_agent_is_told_of_it()
    {
        await using var leader = audits.StartOperator();
        await audits.Cluster.CreateTapAsync("enforce", """{"port":8101}""");
        await audits.CreateAuditAsync(
            "enforce",
            AuditCluster.Spec.Replace("PORT", "8101", StringComparison.Ordinal)[..^1]
                + ""","mode":"Enforce","gate":{"maxHold":"1s"}}"""
        );
        await audits.ReadyAsync("enforce", "InvalidSpec", "longer than the 1s of spec.gate.maxHold");
        await audits.Cluster.DaemonSetExistsAsync("enforce");
        Assert.DoesNotContain("OCX_AUDITOR", await audits.EnvironmentAsync("enforce"));
    }

    [Fact]
    public async Task Agents_are_told_of_the_auditor_and_of_all_methods_while_a_port_of_theirs_is_audited()
    {
        await using var leader = audits.StartOperator();
        await audits.Cluster.CreateTapAsync("both", """{"port":8102,"additionalPorts":[8103]}""");
        await audits.Cluster.CreateTapAsync("neither", """{"port":8104}""");
        await audits.Cluster.DaemonSetExistsAsync("both");
        await audits.Cluster.DaemonSetExistsAsync("neither");
        var before = (await audits.Cluster.DaemonSetAsync("both"))!;
        Assert.DoesNotContain("OCX_AUDITOR", await audits.EnvironmentAsync("both"));

        await audits.CreateAuditAsync("one", 8102);
        await MethodsAsync("tools/call");
        await audits.CreateAuditAsync(
            "two",
            AuditCluster.Spec.Replace("PORT", "8103", StringComparison.Ordinal)[..^1]
                + ""","match":{"methods":["resources/read","prompts/get"]}}"""
        );
        await MethodsAsync("prompts/get,resources/read,tools/call");

        var environment = await audits.EnvironmentAsync("both");
        Assert.Equal($"https://{await audits.AddressAsync()}:9443", environment["OCX_AUDITOR"]);
        Assert.Equal("/etc/ocx/auditor/ca.crt", environment["OCX_AUDITOR_CA"]);
        Assert.Equal("/var/run/secrets/ocx-auditor/token", environment["OCX_AUDITOR_TOKEN"]);
        var pod = (await audits.Cluster.DaemonSetAsync("both"))!.Spec.Template.Spec;
        Assert.Equal(
            ["/etc/ocx/auditor", "/var/run/secrets/ocx-auditor"],
            pod.Containers[0].VolumeMounts.Select(mount => mount.MountPath)
        );
        Assert.Equal("ocx-tap-auditor-ca", pod.Volumes[0].ConfigMap.Name);
        var token = pod.Volumes[1].Projected.Sources.Single().ServiceAccountToken;
        Assert.Equal(("ocx-auditor", 3600, "token"), (token.Audience, token.ExpirationSeconds, token.Path));
        Assert.DoesNotContain("OCX_AUDITOR", await audits.EnvironmentAsync("neither"));

        await audits.DeleteAuditAsync("two");
        await MethodsAsync("tools/call");
        await audits.DeleteAuditAsync("one");
        await Eventually.TrueAsync(
            async () => !(await audits.EnvironmentAsync("both")).ContainsKey("OCX_AUDITOR"),
            "without audits agents are told of no auditor"
        );
        var after = (await audits.Cluster.DaemonSetAsync("both"))!;
        Assert.Equal(KubernetesYaml.Serialize(before.Spec), KubernetesYaml.Serialize(after.Spec));
        Assert.Equal(before.GetAnnotation("ocx.dev/applied"), after.GetAnnotation("ocx.dev/applied"));

        Task MethodsAsync(string methods) =>
            Eventually.TrueAsync(
                async () => (await audits.EnvironmentAsync("both")).GetValueOrDefault("OCX_AUDIT_METHODS") == methods,
                $"agents tell of {methods}"
            );
    }

    [Fact]
    public async Task A_restarted_operator_writes_nothing_in_a_steady_state_and_rolls_out_nothing()
    {
        await audits.SetAuditorsAsync(wanted: 1, ready: 1);
        await audits.Cluster.CreateTapAsync("steady", """{"port":8105,"nodeSelector":{"no":"node"}}""");
        await audits.CreateAuditAsync("steady", 8105);
        await using (var first = audits.StartOperator())
        {
            await audits.ReadyAsync("steady", "WaitingForAuditor");
            await audits.SayAsync("steady", s_well, s_well);
            await audits.ReadyAsync("steady", "Auditing");
            await Eventually.TrueAsync(
                async () => (await audits.EnvironmentAsync("steady")).ContainsKey("OCX_AUDITOR"),
                "agents are told of the auditor"
            );
            await audits.Cluster.StatusAsync("steady", status => status.Conditions is not null, "the tap has a status");
            await Eventually.TrueAsync(async () => (await SecretsAsync()).Count == 2, "there are certificates");
        }

        var before = await VersionsAsync();
        await using var second = audits.StartOperator();
        await second.LeadsAsync();
        await Eventually.TrueAsync(async () => await second.ReconciledAsync() >= 3, "it has looked at both");
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        Assert.Equal(before, await VersionsAsync());

        async Task<string> VersionsAsync() =>
            string.Join(
                ' ',
                (string[])
                    [
                        (await audits.AuditAsync("steady")).ResourceVersion(),
                        $"{(await audits.Cluster.DaemonSetAsync("steady"))!.Metadata.Generation}",
                        .. await SecretsAsync(),
                    ]
            );
    }

    private async Task<List<string>> SecretsAsync() =>
        [
            .. (await audits.Admin.CoreV1.ListNamespacedSecretAsync(Cluster.Namespace))
                .Items.Where(secret => secret.Name().StartsWith("ocx-tap-auditor-", StringComparison.Ordinal))
                .Where(secret => secret.Type is "Opaque" or "kubernetes.io/tls")
                .Select(secret => secret.ResourceVersion()),
        ];
}
