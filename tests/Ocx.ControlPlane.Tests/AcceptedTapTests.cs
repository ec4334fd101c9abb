using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using Ocx.Api;

namespace Ocx.ControlPlane.Tests;

/// <summary>
/// Whatever the API server accepts as an McpTap: the operator stays up, and says of each how it fares.
/// </summary>
public sealed class AcceptedTapTests(Cluster cluster)
{
    // OCX_RANDOM_TAPS=10000 makes as many as the bar names; that takes some minutes more.
    private static readonly int s_taps = int.Parse(
        Environment.GetEnvironmentVariable("OCX_RANDOM_TAPS") ?? "2000",
        CultureInfo.InvariantCulture
    );

    private const int AtOnce = 16;

    [Fact]
    public async Task Of_thousands_of_random_taps_each_has_a_condition_and_a_good_one_beside_them_is_as_prompt_as_ever()
    {
        var seed = int.Parse(
            Environment.GetEnvironmentVariable("OCX_RANDOM_SEED") ?? $"{Random.Shared.Next()}",
            CultureInfo.InvariantCulture
        );
        var random = new RandomTaps(await SchemaAsync(), seed);
        await using var leader = cluster.StartOperator();
        try
        {
            await cluster.CreateTapAsync("good", """{"port":7900,"nodeSelector":{"no":"node"}}""");
            await cluster.DaemonSetExistsAsync("good");

            var watch = Stopwatch.StartNew();
            var (accepted, refused) = await CreateAsync(random);
            var created = watch.Elapsed;
            await EachHasAConditionAsync(accepted, leader);
            var told = watch.Elapsed;

            var times = new List<double>();
            for (var port = 7901; port <= 7920; port++)
            {
                await cluster.PatchTapAsync("good", $$$"""{"spec":{"port":{{{port}}}}}""");
                times.Add((await PortReachesTheDaemonSetAsync(port)).TotalMilliseconds);
            }

            times.Sort();
            var reasons = (await TapsAsync())
                .Select(tap => Condition(tap, "Ready"))
                .CountBy(ready => (string)ready!["reason"]!)
                .OrderByDescending(count => count.Value)
                .ToList();
            TestContext.Current.SendDiagnosticMessage(
                $"seed {seed}: {accepted.Count} taps accepted ({refused} refused) in {created.TotalSeconds:F0} s, all "
                    + $"with a condition after {told.TotalSeconds:F0} s ({string.Join(", ", reasons)}); a good tap's "
                    + $"change: median {times[10]:F0} ms, worst of 20 {times[^1]:F0} ms"
            );
            Assert.InRange(times[10], 0, 1000);
            Assert.False(leader.Process.HasExited, leader.Process.Output);
            // Else the specs would be too tame, or too wild, to show anything. A tap that is refused may find no port
            // when it is tried again.
            Assert.InRange(Share("NoNodes"), 0.05, 0.95);
            Assert.InRange(Share("ApplyFailed") + Share("ReconcileFailed") + Share("NoHealthPort"), 0.05, 0.95);
            Assert.InRange(Share("InvalidSpec"), 0.005, 0.5);

            double Share(string reason) =>
                (double)reasons.SingleOrDefault(each => each.Key == reason).Value / accepted.Count;
        }
        finally
        {
            await DeleteAllAsync();
        }
    }

    [Fact]
    public async Task Specs_that_the_API_server_writes_in_another_way_are_applied_once()
    {
        await using var leader = cluster.StartOperator();
        await cluster.CreateTapAsync(
            "other-words",
            """
            {"port":7931,"reportInterval":"1s","nodeSelector":{},"tolerations":[],"imagePullSecrets":[],"affinity":{},
             "resources":{"limits":{"memory":"1024Mi","cpu":"0.5"},"requests":{"memory":"+512Mi","cpu":".25"}},
             "updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"50%"}}}
            """
        );
        await cluster.DaemonSetExistsAsync("other-words");
        await cluster.StatusAsync("other-words", status => status.Conditions is { Count: > 0 }, "a status is written");
        var before = await leader.ReconciledAsync();
        await Eventually.TrueAsync(
            async () => await leader.ReconciledAsync() >= before + 8,
            "it has looked at the tap eight times more"
        );
        Assert.InRange(
            leader.Process.Output.Split("Applied {Kind} {Name}").Length - 1,
            1,
            2 // A leader that looks again before the watch brings what it applied applies once more.
        );
    }

    private static string NameOf(JsonNode tap) => (string)tap["metadata"]!["name"]!;

    private static JsonNode? Condition(JsonNode tap, string type) =>
        (tap["status"]?["conditions"] as JsonArray)?.FirstOrDefault(each => (string?)each!["type"] == type);

    private static bool HasCondition(JsonNode tap) =>
        Condition(tap, "Ready") is { } ready
        && Condition(tap, "Degraded") is not null
        && (long?)ready["observedGeneration"] == (long?)tap["metadata"]!["generation"];

    private async Task<(IReadOnlyCollection<string> Accepted, int Refused)> CreateAsync(RandomTaps random)
    {
        var accepted = new ConcurrentBag<string>();
        var refused = 0;
        var number = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, AtOnce),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (_, _) =>
            {
                while (accepted.Count < s_taps)
                {
                    JsonObject spec;
                    lock (random)
                    {
                        spec = random.Next();
                    }

                    var name = $"random-{Interlocked.Increment(ref number)}";
                    try
                    {
                        await CreateAsync(name, spec);
                        accepted.Add(name);
                    }
                    catch (HttpOperationException exception)
                        when ((int)exception.Response.StatusCode is 400 or 413 or 422)
                    {
                        Interlocked.Increment(ref refused);
                    }
                }
            }
        );
        return (accepted, refused);
    }

    // What comes back is not read: the types are what is tested.
    private Task<object> CreateAsync(string name, JsonObject spec) =>
        cluster.Admin.CustomObjects.CreateClusterCustomObjectAsync(
            new JsonObject
            {
                ["apiVersion"] = OcxApi.GroupVersion,
                ["kind"] = V1Alpha1McpTap.KubeKind,
                ["metadata"] = new JsonObject { ["name"] = name },
                ["spec"] = spec,
            },
            OcxApi.Group,
            OcxApi.Version,
            V1Alpha1McpTap.KubePluralName
        );

    // One after the other, and not all of them again and again: that is what keeps an API server busy.
    private async Task EachHasAConditionAsync(IEnumerable<string> taps, OperatorProcess leader)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(120 + (s_taps / 10)));
        foreach (var name in taps)
        {
            while (!HasCondition(await TapAsync(name)))
            {
                Assert.False(leader.Process.HasExited, leader.Process.Output);
                Assert.False(late.IsCancellationRequested, $"{name} has no condition that speaks of its spec");
                await Task.Delay(100, CancellationToken.None);
            }
        }
    }

    private async Task<JsonNode> TapAsync(string name) =>
        JsonNode.Parse(
            (
                (System.Text.Json.JsonElement)
                    await cluster.Admin.CustomObjects.GetClusterCustomObjectAsync(
                        OcxApi.Group,
                        OcxApi.Version,
                        V1Alpha1McpTap.KubePluralName,
                        name
                    )
            ).GetRawText()
        )!;

    private async Task<List<JsonNode>> TapsAsync()
    {
        var list = await cluster.Admin.CustomObjects.ListClusterCustomObjectAsync(
            OcxApi.Group,
            OcxApi.Version,
            V1Alpha1McpTap.KubePluralName
        );
        return [.. ((System.Text.Json.JsonElement)list).GetProperty("items").EnumerateArray().Select(Node)];

        static JsonNode Node(System.Text.Json.JsonElement item) => JsonNode.Parse(item.GetRawText())!;
    }

    private async Task<JsonNode> SchemaAsync() =>
        JsonNode.Parse(await cluster.ControlPlane.KubectlAsync("get", "crd", "mcptaps.ocx.dev", "-o", "json"))![
            "spec"
        ]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!;

    private Task<TimeSpan> PortReachesTheDaemonSetAsync(int port) =>
        Eventually.TrueAsync(
            async () =>
                (await cluster.Admin.AppsV1.ReadNamespacedDaemonSetAsync("ocx-agent-good", Cluster.Namespace))
                    .Spec.Template.Spec.Containers[0]
                    .Env.Single(variable => variable.Name == "OCX_PORT")
                    .Value == $"{port}",
            $"port {port} reaches the DaemonSet"
        );

    // One request for all of them would take longer than an API server gives it.
    private async Task DeleteAllAsync() =>
        await Parallel.ForEachAsync(
            (await TapsAsync()).Select(NameOf),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (name, _) => await cluster.DeleteTapAsync(name)
        );
}
