using System.Text.Json.Nodes;

namespace Ocx.Cluster.Tests;

/// <summary>
/// What goes wrong with a tap's agents on a real node, and what an administrator is told: by <c>kubectl get</c>,
/// <c>ocx status</c> and <c>ocx check</c>.
/// </summary>
public sealed class CheckTests(Release release)
{
    private static readonly string s_samples =
        Environment.GetEnvironmentVariable("OCX_SAMPLES_IMAGE") ?? "ghcr.io/ocx-dev/ocx-samples-mcp:0.1.0";

    public static TheoryData<string, string, string, string> Failures =>
        new()
        {
            { "no-image", "{'image':'127.0.0.1:1/none:1'}", "ImagePullBackOff", "spec.imagePullSecrets" },
            { "no-agent", $"{{'image':'{s_samples}'}}", "CrashLoopBackOff", "logs ocx-agent-no-agent-" },
            { "no-class", "{'priorityClassName':'no-such-class'}", "FailedCreate", "priority class" },
            { "no-room", "{'resources':{'requests':{'cpu':'9k'}}}", "Unschedulable", "spec.resources" },
            {
                "no-secret",
                "{'otlp':{'endpoint':'http://127.0.0.1:1','headersSecret':{'name':'none','key':'k'}}}",
                "CreateContainerConfigError",
                "describe pod ocx-agent-no-secret-"
            },
            { "no-link", "{'interface':'nosuchlink0'}", "AgentsFailed", "nosuchlink0" },
            { "no-strategy", "{'updateStrategy':{'type':'Sometimes'}}", "ApplyFailed", "OnDelete" },
            { "no-pattern", "{'redact':{'patterns':['(?=x)']}}", "InvalidSpec", "Correct the field" },
        };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task What_keeps_agents_from_running_is_named_with_its_cure(
        string name,
        string spec,
        string reason,
        string cure
    )
    {
        var whole = JsonNode.Parse(spec.Replace('\'', '"'))!;
        whole["port"] = Release.FreePort();
        whole["ringSize"] = "64Ki";
        whole["reportInterval"] = "2s";
        await using var tap = await release.TapAsync(name, whole.ToJsonString());
        var check = string.Empty;
        await Eventually.TrueAsync(
            async () =>
            {
                check = await CheckAsync(name);
                return check.Contains(reason, StringComparison.Ordinal)
                    && check.Contains(cure, StringComparison.Ordinal);
            },
            $"ocx check says {reason} and {cure}",
            () => Task.FromResult(check)
        );

        Assert.StartsWith("fail", check, StringComparison.Ordinal);
        Assert.Contains(reason, await release.KubectlAsync("get", "mcptap", name), StringComparison.Ordinal);
        var degraded = (await release.StatusAsync(name)).Conditions!.Single(each => each.Type == "Degraded");
        Assert.Equal(("True", reason), (degraded.Status, degraded.Reason));
    }

    [Fact]
    public async Task Two_taps_on_one_port_do_not_show_as_running()
    {
        var port = Release.FreePort();
        await using var left = await release.TapAsync("twice-left", Spec());
        await using var right = await release.TapAsync("twice-right", Spec());
        var check = string.Empty;
        await Eventually.TrueAsync(
            async () =>
            {
                check = await CheckAsync("twice-left");
                return check.Contains("Delete one of the McpTaps", StringComparison.Ordinal);
            },
            "ocx check says to delete one of the two",
            () => Task.FromResult(check)
        );

        Assert.StartsWith("warn", check, StringComparison.Ordinal);
        Assert.Contains("PortConflict", await release.KubectlAsync("get", "mcptaps"), StringComparison.Ordinal);
        Assert.Contains("PortConflict", await release.ShellAsync("artifacts/ocx status"), StringComparison.Ordinal);

        string Spec() => $$"""{"interface":"any","port":{{port}},"ringSize":"64Ki","reportInterval":"2s"}""";
    }

    // The line about a tap; that something fails is what is expected.
    private async Task<string> CheckAsync(string tap) =>
        (await release.ShellAsync("artifacts/ocx check --cluster || true"))
            .Split('\n')
            .FirstOrDefault(line => line.Contains($"McpTap {tap} ", StringComparison.Ordinal))
        ?? string.Empty;
}
