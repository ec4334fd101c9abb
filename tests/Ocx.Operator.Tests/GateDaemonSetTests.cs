using k8s;
using k8s.Models;
using Microsoft.Extensions.Configuration;
using Ocx.Operator.Options;
using Ocx.Operator.Resources;

namespace Ocx.Operator.Tests;

/// <summary>The gates' DaemonSet is gates/CASE.yaml. OCX_UPDATE_GOLDEN=1 writes them anew, as for taps.</summary>
public sealed class GateDaemonSetTests
{
    private static readonly GateSettings s_settings = new()
    {
        Image = "ocx-gate:golden",
        Resources = new V1ResourceRequirements
        {
            Limits = new Dictionary<string, ResourceQuantity> { ["memory"] = new("128Mi") },
        },
        PriorityClassName = "system-node-critical",
    };

    private static readonly AuditorAccess s_auditor = new("https://10.0.0.7:9443", null);

    [Theory]
    [InlineData("holding")]
    [InlineData("removing")]
    public void It_is_this_one(string name)
    {
        var yaml =
            KubernetesYaml.Serialize(
                name == "holding"
                    ? GateDaemonSet.Holding(s_settings, "ocx-system", s_auditor)
                    : GateDaemonSet.Removing(s_settings, "ocx-system")
            ) + "\n";
        if (Environment.GetEnvironmentVariable("OCX_UPDATE_GOLDEN") is { } source)
        {
            File.WriteAllText(Path.Combine(source, "..", "gates", $"{name}.yaml"), yaml);
            return;
        }

        Assert.Equal(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "gates", $"{name}.yaml")), yaml);
    }

    [Fact]
    public void What_takes_rules_away_is_known_from_what_sets_them_and_lacks_no_right_of_it()
    {
        var holding = GateDaemonSet.Holding(s_settings, "ocx-system", s_auditor);
        var removing = GateDaemonSet.Removing(s_settings, "ocx-system");
        Assert.True(GateDaemonSet.IsHolding(holding));
        Assert.False(GateDaemonSet.IsHolding(removing));
        Assert.Equal(
            holding.Spec.Template.Spec.Containers[0].SecurityContext.Capabilities.Add,
            removing.Spec.Template.Spec.Containers[0].SecurityContext.Capabilities.Add
        );
        // Else the one would not take the place of the other.
        Assert.Equal(holding.Spec.Selector.MatchLabels, removing.Spec.Selector.MatchLabels);
    }

    [Theory]
    [InlineData(2, 3, 3, 3, true)]
    [InlineData(1, 3, 3, 3, false)]
    [InlineData(2, 3, 2, 3, false)]
    [InlineData(2, 3, 3, 2, false)]
    [InlineData(2, 0, 0, 0, true)]
    [InlineData(null, 0, null, 0, false)]
    public void It_is_rolled_out_when_each_node_has_a_ready_pod_of_the_newest_template(
        int? observed,
        int wanted,
        int? updated,
        int ready,
        bool isRolledOut
    )
    {
        var set = new V1DaemonSet
        {
            Metadata = new V1ObjectMeta { Generation = 2 },
            Status = new V1DaemonSetStatus
            {
                ObservedGeneration = observed,
                DesiredNumberScheduled = wanted,
                UpdatedNumberScheduled = updated,
                NumberReady = ready,
            },
        };
        Assert.Equal(isRolledOut, GateDaemonSet.IsRolledOut(set));
        set.Status = null;
        Assert.False(GateDaemonSet.IsRolledOut(set));
    }

    [Fact]
    public void The_settings_are_read_as_the_chart_writes_them_and_what_is_no_JSON_is_told()
    {
        var gate = Read(
            """
            {"httpPort":9000,"image":"gate:1","imagePullPolicy":"Always","imagePullSecrets":[{"name":"registry"}],
             "nodeSelector":{},"priorityClassName":"","resources":{"requests":{"cpu":"20m"}},
             "tolerations":[{"operator":"Exists"}]}
            """
        )!;
        Assert.Equal(("gate:1", "Always", 9000), (gate.Image, gate.ImagePullPolicy, gate.HttpPort));
        var pod = GateDaemonSet.Holding(gate, "ocx-system", s_auditor).Spec.Template.Spec;
        Assert.Equal("registry", Assert.Single(pod.ImagePullSecrets).Name);
        Assert.Equal("Exists", Assert.Single(pod.Tolerations).OperatorProperty);
        Assert.Equal("20m", pod.Containers[0].Resources.Requests["cpu"].ToString());
        Assert.Null(pod.NodeSelector);
        Assert.Null(pod.PriorityClassName);
        Assert.Null(Read(""));
        Assert.Contains(
            "OCX_GATE",
            Assert.Throws<InvalidOperationException>(() => Read("{")).Message,
            StringComparison.Ordinal
        );

        static GateSettings? Read(string value) =>
            OperatorOptions
                .From(new ConfigurationBuilder().AddInMemoryCollection([new("OCX_GATE", value)]).Build())
                .Gate;
    }
}
