using k8s.Models;

namespace Ocx.Cluster.Tests;

/// <summary>
/// Servers whose calls an McpAudit in mode Enforce has held: what it says, and what their pods have of it, where this
/// machine is their node.
/// </summary>
internal sealed class GatedWorkloads(Release release)
{
    /// <summary>Where a server notes calls that reach it.</summary>
    public const string Journal = "/tmp/journal";

    /// <summary>A call that the audit refuses.</summary>
    public static readonly string[] Refused = ["delete_orders", """{"customer":"all"}"""];

    /// <summary>One of the same tool that it releases, after it has waited.</summary>
    public static readonly string[] Harmless = ["delete_orders", """{"customer":"nobody"}"""];

    private const string Label = "gated",
        Condition = "ocx.dev/gated";

    /// <summary>Has a pod gated from its start, and not ready before it is.</summary>
    public static void WaitsForGate(V1Pod pod)
    {
        pod.Metadata.Labels[Label] = "yes";
        // Without a gate a probe of a gated port is not answered. A rollout takes less than this, and than the 30 s of
        // Kubernetes' defaults.
        pod.Spec.Containers[0].ReadinessProbe.FailureThreshold = 30;
        pod.Spec.ReadinessGates = [new V1PodReadinessGate { ConditionType = Condition }];
    }

    /// <summary>Is this what a client says of a call that was refused?</summary>
    public static bool IsRefusal(string line) =>
        line.StartsWith("delete_orders: error -32090: ", StringComparison.Ordinal)
        && line.Contains("refused by audit: ", StringComparison.Ordinal)
        && line.EndsWith("nobody deletes everything", StringComparison.Ordinal);

    /// <summary>The audit of servers with the label, at a port.</summary>
    public Task<string> AuditAsync(int port) =>
        release.ApplyAsync(
            $$"""
            apiVersion: ocx.dev/v1alpha1
            kind: McpAudit
            metadata:
              name: gated
              namespace: {{Release.Workloads}}
            spec:
              mode: Enforce
              server:
                podSelector:
                  matchLabels: {{{Label}}: "yes"}
                port: {{port}}
              classes:
                rules:
                  - tools: [add, echo]
                    class: Reversible
              jury:
                onNoVotes: Release
                deadline: 9s
                jurors:
                  - name: rules
                    timeout: 8s
                    policy:
                      rules:
                        - name: not-everything
                          when: tool.name == 'delete_orders' && call.arguments.customer == 'all'
                          then: Refuse
                          message: nobody deletes everything
            """
        );

    /// <summary>Gives a pod the label.</summary>
    public Task<string> LabelAsync(string pod) =>
        release.KubectlAsync("-n", Release.Workloads, "label", "pod", pod, $"{Label}=yes");

    /// <summary>Waits until the audit says that each node has its gate.</summary>
    public Task<TimeSpan> EnforcesAsync() =>
        Eventually.TrueAsync(
            async () => await OfAuditAsync("{.status.conditions[?(@.type=='Ready')].reason}") == "Auditing",
            "the audit is enforced",
            async () =>
                await OfAuditAsync("{.status}")
                + await release.KubectlAsync("-n", Release.Namespace, "get", "pods")
                + await GatesSayAsync()
        );

    /// <summary>Waits until a pod's rules name a port.</summary>
    public Task<TimeSpan> GatedAsync(string pod, int port) =>
        Eventually.TrueAsync(
            async () =>
                (await RulesAsync(pod)).Any(rule => rule.Contains($"--dport {port} ", StringComparison.Ordinal)),
            $"{pod} is gated",
            GatesSayAsync
        );

    /// <summary>Waits until a pod has no rules.</summary>
    public Task<TimeSpan> NoRulesAsync(string pod) =>
        Eventually.TrueAsync(async () => (await RulesAsync(pod)).Length == 0, $"{pod} has no rules any more");

    /// <summary>The rules of gates in a pod's network namespace.</summary>
    public async Task<string[]> RulesAsync(string pod)
    {
        string rules = await Command.RunAsync(
            "nsenter",
            [$"--net=/proc/{await ProcessAsync(pod)}/ns/net", "iptables", "-t", "mangle", "-S"]
        );
        return [.. rules.Split('\n').Where(rule => rule.Contains("OCX-GATE", StringComparison.Ordinal))];
    }

    /// <summary>What a server itself says of the calls that it got.</summary>
    public async Task<string[]> JournalAsync(string pod)
    {
        string file = $"/proc/{await ProcessAsync(pod)}/root{Journal}";
        return File.Exists(file) ? await File.ReadAllLinesAsync(file) : [];
    }

    /// <summary>The same, to be read when the server is gone. It has noted something already.</summary>
    public async Task<StreamReader> OpenJournalAsync(string pod) =>
        new(
            new FileStream(
                $"/proc/{await ProcessAsync(pod)}/root{Journal}",
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete
            )
        );

    /// <summary>The server's process.</summary>
    public async Task<int> ProcessAsync(string pod) =>
        AgentOnNode.ProcessesOf(await release.ContainerAsync(pod)).First();

    /// <summary>A pod's condition; null when it has none.</summary>
    public async Task<V1PodCondition?> ConditionAsync(string pod, string type = Condition) =>
        (await release.WorkloadAsync(pod)).Status.Conditions?.FirstOrDefault(one => one.Type == type);

    private Task<string> OfAuditAsync(string path) =>
        release.KubectlAsync("-n", Release.Workloads, "get", "mcpaudit", "gated", "-o", $"jsonpath={path}");

    private Task<string> GatesSayAsync() =>
        release.KubectlAsync(
            "-n",
            Release.Namespace,
            "logs",
            "--tail=20",
            "--selector=app.kubernetes.io/name=ocx-gate"
        );
}
