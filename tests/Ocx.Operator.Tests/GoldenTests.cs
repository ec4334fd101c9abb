using k8s;
using k8s.Models;
using Ocx.Api;
using Ocx.Operator.Options;
using Ocx.Operator.Resources;

namespace Ocx.Operator.Tests;

/// <summary>golden/CASE/mcptap.yaml gives golden/CASE/daemonset.yaml. OCX_UPDATE_GOLDEN=1 writes them anew.</summary>
public sealed class GoldenTests
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "golden");

    public static TheoryData<string> Cases =>
        new(Directory.GetDirectories(s_folder).Select(path => Path.GetFileName(path)!).Order());

    private static V1DaemonSet DaemonSet(string name)
    {
        var tap = KubernetesYaml.Deserialize<V1Alpha1McpTap>(
            File.ReadAllText(Path.Combine(s_folder, name, "mcptap.yaml")),
            strict: true
        );
        return AgentDaemonSet.Create(
            tap,
            new OperatorOptions { AgentImage = "ocx-node-agent:golden" },
            healthPort: 9910,
            name == "audited" ? new AgentAuditing(new("https://10.0.0.7:9443", null), "prompts/get,tools/call") : null
        );
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_tap_gives_this_DaemonSet(string name)
    {
        var yaml = KubernetesYaml.Serialize(DaemonSet(name)) + "\n";
        var golden = Path.Combine(s_folder, name, "daemonset.yaml");
        if (Environment.GetEnvironmentVariable("OCX_UPDATE_GOLDEN") is { } source)
        {
            File.WriteAllText(Path.Combine(source, name, "daemonset.yaml"), yaml);
            return;
        }

        Assert.Equal(File.ReadAllText(golden), yaml);
    }

    [Fact]
    public void Of_a_Secret_that_somebody_else_made_agents_get_what_they_trust_and_not_the_key()
    {
        var authority = new AuditorAccess("https://10.0.0.7:9443", "from-cert-manager").Volumes[0];
        Assert.Equal("from-cert-manager", authority.Secret.SecretName);
        Assert.Equal("ca.crt", Assert.Single(authority.Secret.Items).Key);
        Assert.Null(authority.ConfigMap);
    }

    [Fact]
    public void The_DaemonSet_that_was_applied_does_not_differ_and_a_changed_or_removed_field_does()
    {
        var wanted = Drift.Stamp(DaemonSet("every-field"));
        var actual = KubernetesJson.Deserialize<V1DaemonSet>(KubernetesJson.Serialize(wanted));
        actual.Metadata.ResourceVersion = "7";
        actual.Spec.Template.Spec.SchedulerName = "default-scheduler";
        Assert.False(Drift.Differs(actual, wanted));

        actual.Spec.Template.Spec.Containers[0].Image = "someone/else";
        Assert.True(Drift.Differs(actual, wanted));
        Assert.True(
            Drift.Differs(
                KubernetesJson.Deserialize<V1DaemonSet>(KubernetesJson.Serialize(wanted)),
                Drift.Stamp(DaemonSet("default"))
            )
        );
        Assert.True(Drift.Differs(null, wanted));
    }
}
