using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Ocx.ControlPlane.Tests;

/// <summary>
/// Taps that the present definition refuses, and that an earlier one, or one that was applied by hand, has let in.
/// </summary>
public sealed class OlderDefinitionTests(Cluster cluster)
{
    private const string SchemaPath = "/spec/versions/0/schema/openAPIV3Schema/properties/spec";
    private const string Definition = "mcptaps.ocx.dev";

    private static readonly (string Spec, string Problem)[] s_odd =
    [
        ("""{"resources":{"limits":{"memory":"lots"}}}""", "spec.resources.limits.memory: 'lots'"),
        ("""{"resources":{"limits":{"memory":"64MB"}}}""", "spec.resources.limits.memory: '64MB'"),
        ("""{"resources":{"requests":{"cpu":""}}}""", "spec.resources.requests.cpu: ''"),
        ("""{"resources":{"requests":{"cpu":"1e999999999"}}}""", "spec.resources.requests.cpu"),
        ("""{"reportInterval":"1200h"}""", "spec.reportInterval: '1200h'"),
        ("""{"statsInterval":"9999h"}""", "spec.statsInterval: '9999h'"),
        ("""{"ringSize":"10Mi"}""", "spec.ringSize: '10Mi'"),
        ("""{"port":"eighty"}""", "$.spec.port"),
        ("""{"port":70000}""", "spec.port: 70000"),
        ("""{"tolerations":[7]}""", "$.spec.tolerations[0]"),
        ("""{"updateStrategy":{"rollingUpdate":{"maxUnavailable":true}}}""", "maxUnavailable"),
        ("""{"otlp":{"endpoint":["a"]}}""", "$.spec.otlp.endpoint"),
    ];

    [Fact]
    public async Task A_tap_that_cannot_be_read_says_so_itself_and_stops_neither_operator_nor_command()
    {
        var schema = await SchemaAsync();
        await using var leader = cluster.StartOperator();
        await leader.LeadsAsync();
        await ReplaceSchemaAsync(JsonNode.Parse("""{"type":"object","x-kubernetes-preserve-unknown-fields":true}""")!);
        try
        {
            for (var number = 0; number < s_odd.Length; number++)
            {
                await cluster.ControlPlane.KubectlAsync(
                    "create",
                    "--validate=false",
                    "-f",
                    TapFile($"odd-{number}", s_odd[number].Spec)
                );
            }

            await EachSaysWhatIsWrongAsync();
            await GoodOneIsMadeAsync("beside", port: 7951);
            Assert.False(leader.Process.HasExited, leader.Process.Output);

            var status = await OcxCommand.RunAsync(cluster.ControlPlane.KubeConfig, "status");
            Assert.Equal(0, status.ExitCode);
            var check = await OcxCommand.RunAsync(cluster.ControlPlane.KubeConfig, "check", "--cluster");
            Assert.Equal((1, ""), (check.ExitCode, check.Errors));
            for (var number = 0; number < s_odd.Length; number++)
            {
                Assert.Matches($@"(?m)^odd-{number} .* InvalidSpec *$", status.Output);
                Assert.Matches(
                    $@"(?m)^fail +McpTap odd-{number} is not ready: InvalidSpec: .*Correct the field",
                    check.Output
                );
            }

            // A leader that meets them all in its first list fares no worse.
            await leader.Process.StopAsync();
            await cluster.ControlPlane.KubectlAsync(
                "create",
                "--validate=false",
                "-f",
                TapFile("odd-late", s_odd[0].Spec)
            );
        }
        finally
        {
            await ReplaceSchemaAsync(schema);
        }

        await using var next = cluster.StartOperator();
        await next.LeadsAsync();
        await GoodOneIsMadeAsync("later", port: 7952);

        // A server that holds every write to the present definition refuses the status: an event tells it then.
        await Eventually.TrueAsync(
            async () =>
                (await TapAsync("odd-late"))["status"]?["conditions"] is JsonArray { Count: > 0 }
                || (await cluster.EventsAsync("odd-late")).Any(news => news.Reason == "StatusRefused"),
            "the tap that came last is told of as well"
        );
        Assert.False(next.Process.HasExited, next.Process.Output);
    }

    private async Task GoodOneIsMadeAsync(string name, int port)
    {
        await cluster.ControlPlane.KubectlAsync(
            "create",
            "--validate=false",
            "-f",
            TapFile(name, $$"""{"port":{{port}}}""")
        );
        await cluster.DaemonSetExistsAsync(name);
    }

    private string TapFile(string name, string spec) =>
        cluster.ControlPlane.WriteFile(
            $"{name}.json",
            $$"""{"apiVersion":"ocx.dev/v1alpha1","kind":"McpTap","metadata":{"name":"{{name}}"},"spec":{{spec}}}"""
        );

    private async Task EachSaysWhatIsWrongAsync()
    {
        for (var number = 0; number < s_odd.Length; number++)
        {
            var name = $"odd-{number}";
            await Eventually.TrueAsync(
                async () =>
                    ((await TapAsync(name))["status"]?["conditions"] as JsonArray)?.FirstOrDefault(condition =>
                        (string?)condition!["type"] == "Degraded"
                    )
                        is { } degraded
                    && ((string?)degraded["status"], (string?)degraded["reason"]) == ("True", "InvalidSpec")
                    && ((string)degraded["message"]!).Contains(s_odd[number].Problem, StringComparison.Ordinal),
                $"{name} says what is wrong with it: {s_odd[number].Problem}"
            );
        }
    }

    private async Task<JsonNode> TapAsync(string name) =>
        JsonNode.Parse(await cluster.ControlPlane.KubectlAsync("get", "mcptap", name, "-o", "json"))!;

    private async Task<JsonNode> SchemaAsync() =>
        JsonNode.Parse(await cluster.ControlPlane.KubectlAsync("get", "crd", Definition, "-o", "json"))!["spec"]![
            "versions"
        ]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!;

    // In force when a tap that only one of the two takes is taken, or not.
    private async Task ReplaceSchemaAsync(JsonNode schema)
    {
        var patch = new JsonArray(
            new JsonObject
            {
                ["op"] = "replace",
                ["path"] = SchemaPath,
                ["value"] = schema.DeepClone(),
            }
        );
        await cluster.Admin.ApiextensionsV1.PatchCustomResourceDefinitionAsync(
            new V1Patch(patch.ToJsonString(), V1Patch.PatchType.JsonPatch),
            Definition
        );
        var isOpen = schema["x-kubernetes-preserve-unknown-fields"] is not null;
        var file = TapFile("probe", """{"ringSize":"10Mi"}""");
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await cluster.ControlPlane.KubectlAsync(
                        "create",
                        "--dry-run=server",
                        "--validate=false",
                        "-f",
                        file
                    );
                    return isOpen;
                }
                catch (InvalidOperationException refused)
                    when (refused.Message.Contains("ringSize", StringComparison.Ordinal))
                {
                    return !isOpen;
                }
            },
            "the definition is in force"
        );
    }
}
