using System.Text.Json.Nodes;
using k8s;
using Ocx.Api;
using Ocx.Operator.Options;
using Ocx.Operator.Resources;

namespace Ocx.ControlPlane.Tests;

/// <summary>Every field of the spec, through the API server and to the DaemonSet as the API server has it.</summary>
public sealed class SpecTests(Cluster cluster)
{
    [Fact]
    public async Task Every_field_is_read_back_as_it_was_written_and_reaches_the_DaemonSet()
    {
        await using var leader = cluster.StartOperator();
        var file = Path.Combine(Checkout.Root, "tests/Ocx.Operator.Tests/golden/every-field/mcptap.yaml");
        var written = KubernetesYaml.Deserialize<V1Alpha1McpTap>(
            await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken),
            strict: true
        );
        AssertThatNoFieldIsLeftOut(written.Spec);

        await cluster.ControlPlane.KubectlAsync("create", "-f", file);
        var read = await cluster.TapAsync("every-field");
        Assert.True(
            JsonNode.DeepEquals(Spec(written), Spec(read)),
            $"written: {Spec(written).ToJsonString()}\nread: {Spec(read).ToJsonString()}"
        );

        await cluster.DaemonSetExistsAsync("every-field");
        var set = (await cluster.DaemonSetAsync("every-field"))!;
        var wanted = AgentDaemonSet.Create(
            read,
            new OperatorOptions { Namespace = Cluster.Namespace },
            AgentDaemonSet.HealthPortOf(set)!.Value
        );
        Assert.False(Drift.Differs(set, Drift.Stamp(wanted)), KubernetesYaml.Serialize(set));
    }

    private static JsonNode Spec(V1Alpha1McpTap tap) => JsonNode.Parse(KubernetesJson.Serialize(tap.Spec))!;

    // A field that is added to the type must be added to the file.
    private static void AssertThatNoFieldIsLeftOut(V1Alpha1McpTapSpec spec) =>
        Assert.All(
            typeof(V1Alpha1McpTapSpec).GetProperties(),
            property => Assert.True(property.GetValue(spec) is not null, $"{property.Name} is not in the file")
        );
}
