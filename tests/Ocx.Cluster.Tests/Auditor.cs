using System.Security.Cryptography;
using System.Text.Json.Nodes;
using k8s.Models;

namespace Ocx.Cluster.Tests;

/// <summary>The release with the auditor in it, until it is disposed of.</summary>
/// <param name="release">The release.</param>
/// <param name="replicas">How many auditors there are.</param>
/// <param name="volume">The folder of this machine that the ledger's volume is; null for none.</param>
internal sealed class Auditor(Release release, int replicas, string? volume) : IAsyncDisposable
{
    private const string Name = "ocx-tap-auditor";

    /// <summary>Its pods.</summary>
    public IEnumerable<string> Pods => Enumerable.Range(0, replicas).Select(replica => $"{Name}-{replica}");

    /// <summary>
    /// Installs one with its ledger in a file. A cluster of this machine has no storage of its own, and is given a
    /// folder.
    /// </summary>
    /// <param name="release">The release.</param>
    /// <param name="values">More values of the chart, as helm's --set takes them.</param>
    public static async Task<Auditor> InstallAsync(Release release, params string[] values)
    {
        string? volume = release.IsLocal ? Directory.CreateTempSubdirectory("ocx-ledger-").FullName : null;
        var auditor = new Auditor(release, 1, volume);
        try
        {
            if (volume is not null)
            {
                // The kubelet gives a host's folder to no group: any user of a pod may write there.
                await Command.RunAsync("chmod", ["0777", volume]);
                await release.ApplyAsync(
                    $$"""
                    apiVersion: v1
                    kind: PersistentVolume
                    metadata:
                      name: ocx-ledger
                    spec:
                      capacity: {storage: 4Gi}
                      accessModes: [ReadWriteOnce]
                      persistentVolumeReclaimPolicy: Retain
                      claimRef: {namespace: {{Release.Namespace}}, name: ledger-{{Name}}-0}
                      hostPath: {path: {{volume}}}
                    """
                );
            }

            await release.InstallAsync(["audit.enabled=true", .. values]);
            return auditor;
        }
        catch
        {
            await auditor.DisposeAsync();
            throw;
        }
    }

    /// <summary>Installs two, with one ledger in PostgreSQL.</summary>
    /// <param name="release">The release.</param>
    /// <param name="connectionString">Where the ledger is, as pods reach it.</param>
    public static async Task<Auditor> InstallTwoAsync(Release release, string connectionString)
    {
        var auditor = new Auditor(release, 2, volume: null);
        try
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            await release.ApplyAsync(Secret("ocx-ledger-postgres", "connectionString", connectionString));
            await release.ApplyAsync(Secret("ocx-ledger-key", "key.pem", key.ExportPkcs8PrivateKeyPem()));
            await release.InstallAsync(
                "audit.enabled=true",
                "audit.replicas=2",
                "audit.ledger.postgres.existingSecret=ocx-ledger-postgres",
                "audit.ledger.signingKeySecret=ocx-ledger-key"
            );
            return auditor;
        }
        catch
        {
            await auditor.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until a tap's agent tells of calls and an audit judges them.</summary>
    public async Task JudgesAsync(string tap, string @namespace, string audit)
    {
        await Eventually.TrueAsync(
            async () =>
                await release.KubectlAsync(
                    "-n",
                    @namespace,
                    "get",
                    "mcpaudit",
                    audit,
                    "-o",
                    "jsonpath={.status.conditions[?(@.type=='Ready')].reason}"
                ) == "Auditing",
            $"{audit} judges",
            () => release.KubectlAsync("-n", @namespace, "get", "mcpaudit", audit, "-o", "jsonpath={.status}")
        );
        await Eventually.TrueAsync(
            async () =>
            {
                var agents = await release.PodsAsync($"ocx.dev/tap={tap}");
                return agents is [{ Metadata.DeletionTimestamp: null } agent]
                    && agent.Spec.Containers[0].Env.Any(variable => variable.Name == "OCX_AUDITOR")
                    && agent.Status.Conditions?.Any(one => one is { Type: "Ready", Status: "True" }) == true
                    && (await release.KubectlAsync("-n", Release.Namespace, "logs", agent.Name())).Contains(
                        "auditor",
                        StringComparison.OrdinalIgnoreCase
                    );
            },
            $"the agent of {tap} tells the auditor"
        );
    }

    /// <summary>Runs <c>ocx audit</c> where the auditor runs.</summary>
    public Task<string> OcxAsync(params string[] arguments) =>
        release.KubectlAsync(["-n", Release.Namespace, "exec", $"{Name}-0", "--", "ocx", "audit", .. arguments]);

    /// <summary>Waits until the ledger has so many records.</summary>
    public async Task<IReadOnlyList<JsonNode>> RecordsAsync(int count)
    {
        List<JsonNode> records = [];
        await Eventually.TrueAsync(
            async () =>
            {
                string lines = await OcxAsync("list", "--last", "100000", "-o", "json");
                records =
                [
                    .. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!),
                ];
                return records.Count >= count;
            },
            $"the ledger has {count} records",
            () => Task.FromResult($"It has {records.Count}.")
        );
        return records;
    }

    /// <summary>Waits until an audit's status counts so many calls.</summary>
    public async Task<JsonNode> CountsAsync(string @namespace, string audit, int total)
    {
        JsonNode counts = new JsonObject();
        await Eventually.TrueAsync(
            async () =>
            {
                string json = await release.KubectlAsync("-n", @namespace, "get", "mcpaudit", audit, "-o", "json");
                counts = JsonNode.Parse(json)!["status"]!["calls"]!;
                return (int?)counts["total"] == total;
            },
            $"the status of {audit} counts {total} calls",
            () => Task.FromResult(counts.ToJsonString())
        );
        return counts;
    }

    /// <summary>Ends an auditor at once, and waits until another one is ready in its place.</summary>
    public async Task KillAsync(string pod)
    {
        V1Pod before = await release.PodAsync(pod);
        await release.KubectlAsync(
            "-n",
            Release.Namespace,
            "delete",
            "pod",
            pod,
            "--grace-period=0",
            "--force",
            "--wait=false"
        );
        await Eventually.TrueAsync(
            async () =>
            {
                V1Pod now = await release.PodAsync(pod);
                return now.Uid() != before.Uid()
                    && now.Status.Conditions?.Any(one => one is { Type: "Ready", Status: "True" }) == true;
            },
            $"{pod} runs again"
        );
    }

    public async ValueTask DisposeAsync()
    {
        await release.KubectlAsync("delete", "mcpaudits", "--all", "--all-namespaces");
        await release.InstallAsync("audit.enabled=false");
        await release.KubectlAsync(
            "-n",
            Release.Namespace,
            "delete",
            "--ignore-not-found",
            $"persistentvolumeclaim/ledger-{Name}-0",
            "secret/ocx-ledger-postgres",
            "secret/ocx-ledger-key"
        );
        if (volume is not null)
        {
            await release.KubectlAsync("delete", "persistentvolume", "ocx-ledger", "--ignore-not-found");
            Directory.Delete(volume, recursive: true);
        }
    }

    private static string Secret(string name, string key, string value) =>
        new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = Release.Namespace },
            ["stringData"] = new JsonObject { [key] = value },
        }.ToJsonString();
}
