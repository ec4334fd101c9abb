using System.Net;
using System.Text.Json.Nodes;
using k8s.Models;
using Ocx.Ledger.Tests;

namespace Ocx.Cluster.Tests;

/// <summary>
/// Calls between real pods are judged by the auditor in the cluster. What the client did is known: each call has one
/// record, and its verdict is the one that the rules ask for.
/// </summary>
[Collection(nameof(Alone))]
public sealed class AuditTests(Release release)
{
    private const int Rounds = 100;

    [Fact]
    public async Task Each_call_between_pods_has_the_verdict_that_the_rules_ask_for()
    {
        int port = Release.FreePort();
        await using var auditor = await Auditor.InstallAsync(release);
        await using var server = await release.StartServerAsync(port);
        await using var tap = await release.TapAsync("audited", $$"""{"interface":"any","port":{{port}}}""");
        await release.ApplyAsync(Audit("default", server.Pod, port));
        await release.ApplyAsync(Audit(Release.Workloads, server.Pod, port));
        await auditor.JudgesAsync("audited", Release.Workloads, "audit");

        await release.ConverseAsync(server.Url, Rounds);

        var records = await auditor.RecordsAsync(2 * Rounds);
        Assert.Equal(Expected(Rounds).Order(), records.Select(Told).Order());
        Assert.All(
            records,
            record =>
            {
                Assert.Equal(Release.Workloads, (string?)record["audit"]!["namespace"]);
                Assert.Equal(server.Pod, (string?)record["intent"]!["server"]!["pod"]);
            }
        );
        Assert.Contains($": {2 * Rounds} records", await auditor.OcxAsync("verify"), StringComparison.Ordinal);

        JsonNode counts = await auditor.CountsAsync(Release.Workloads, "audit", 2 * Rounds);
        Assert.Equal(Rounds / 10, (int)counts["refused"]!);
        Assert.Equal(Rounds / 10, (int)counts["held"]!);
        string columns = await release.KubectlAsync("-n", Release.Workloads, "get", "mcpaudits");
        Assert.Matches($@"audit\s+app={server.Pod}:{port}\s+Observe\s+200\s+180\s+10\s+10\s+0\s+Auditing", columns);
        Assert.DoesNotMatch(@"\b200\b", await release.KubectlAsync("-n", "default", "get", "mcpaudits"));
    }

    [Fact]
    public async Task Calls_have_one_record_each_while_auditor_agent_and_API_server_are_restarted()
    {
        int port = Release.FreePort();
        await using var auditor = await Auditor.InstallAsync(release);
        await using var server = await release.StartServerAsync(port);
        await using var tap = await release.TapAsync("restarts", $$"""{"interface":"any","port":{{port}}}""");
        await release.ApplyAsync(Audit(Release.Workloads, server.Pod, port));
        await auditor.JudgesAsync("restarts", Release.Workloads, "audit");

        // Calls that pass while no agent runs are seen by nobody: the agent is restarted between two conversations.
        string client = await release.StartClientAsync(server.Url, Rounds, callsPerSecond: 5);
        await auditor.RecordsAsync(1);
        await auditor.KillAsync(auditor.Pods.Single());
        if (release.IsLocal)
        {
            await release.RestartApiServerAsync();
        }

        await release.EndAsync(client);
        await auditor.RecordsAsync(2 * Rounds);
        V1Pod agent = await release.AgentAsync("restarts");
        await release.KubectlAsync("-n", Release.Namespace, "delete", "pod", agent.Name());
        await auditor.JudgesAsync("restarts", Release.Workloads, "audit");
        await release.ConverseAsync(server.Url, Rounds);

        var records = await auditor.RecordsAsync(4 * Rounds);
        Assert.Equal(Expected(Rounds).Concat(Expected(Rounds)).Order(), records.Select(Told).Order());
        Assert.Equal(records.Count, records.Select(record => (string?)record["call"]).Distinct().Count());
        Assert.Contains($": {4 * Rounds} records", await auditor.OcxAsync("verify"), StringComparison.Ordinal);
        await auditor.CountsAsync(Release.Workloads, "audit", 4 * Rounds);
    }

    [Fact]
    public async Task Calls_have_one_record_each_while_both_auditors_are_killed_in_turn()
    {
        Assert.SkipUnless(release.IsLocal, "pods of a cluster of KUBECONFIG do not reach this machine's PostgreSQL");
        int port = Release.FreePort();
        using var postgres = new PostgresServer
        {
            Listens = new IPEndPoint(IPAddress.Parse(Release.NodeAddress), Release.FreePort()),
        };
        await using var auditor = await Auditor.InstallTwoAsync(release, postgres.NewDatabase());
        await using var server = await release.StartServerAsync(port);
        await using var tap = await release.TapAsync("replicas", $$"""{"interface":"any","port":{{port}}}""");
        await release.ApplyAsync(Audit(Release.Workloads, server.Pod, port));
        await auditor.JudgesAsync("replicas", Release.Workloads, "audit");

        string client = await release.StartClientAsync(server.Url, Rounds, callsPerSecond: 5);
        await auditor.RecordsAsync(1);
        foreach (string pod in auditor.Pods)
        {
            await auditor.KillAsync(pod);
        }

        await release.EndAsync(client);
        var records = await auditor.RecordsAsync(2 * Rounds);
        Assert.Equal(Expected(Rounds).Order(), records.Select(Told).Order());
        await auditor.OcxAsync("verify");
        await auditor.CountsAsync(Release.Workloads, "audit", 2 * Rounds);
    }

    private static string Audit(string @namespace, string app, int port) =>
        $$"""
            apiVersion: ocx.dev/v1alpha1
            kind: McpAudit
            metadata:
              name: audit
              namespace: {{@namespace}}
            spec:
              server:
                podSelector:
                  matchLabels: {app: {{app}}}
                port: {{port}}
              classes:
                rules:
                  - tools: [add, echo]
                    class: Reversible
              jury:
                onNoVotes: Release
                deadline: 1m
                jurors:
                  - name: rules
                    timeout: 50s
                    policy:
                      rules:
                        - name: no-tens
                          when: tool.name == 'add' && call.arguments.a % 10 == 0
                          then: Refuse
                          message: tens are not added
                        - name: look-at-sevens
                          when: tool.name == 'echo' && call.arguments.text.endsWith('7')
                          then: Hold
            """;

    // The sample client adds 1 to each number and has each number echoed.
    private static IEnumerable<string> Expected(int rounds) =>
        Enumerable
            .Range(0, rounds)
            .SelectMany(i =>
                new[]
                {
                    $"add {i} {(i % 10 == 0 ? "Refused" : "Released")}",
                    $"echo call {i} {(i % 10 == 7 ? "Held" : "Released")}",
                }
            );

    private static string Told(JsonNode record)
    {
        var (intent, verdict) = (record["intent"]!, record["verdict"]!);
        JsonNode arguments = intent["arguments"]!;
        JsonNode said = arguments is JsonValue ? JsonNode.Parse((string)arguments!)! : arguments;
        return $"{intent["tool"]} {said["a"] ?? said["text"]} {verdict["outcome"]}";
    }
}
