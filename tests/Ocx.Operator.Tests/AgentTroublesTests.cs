using k8s;
using k8s.Models;
using Ocx.Api;
using Ocx.Operator.Runtime;
using Ocx.Operator.Status;

namespace Ocx.Operator.Tests;

/// <summary>What the cluster says of agents that do not run, and what the tap's conditions make of it.</summary>
public sealed class AgentTroublesTests
{
    private const string PodSecurity =
        "Error creating: pods \"ocx-agent-mcp-7h2xk\" is forbidden: violates PodSecurity \"restricted:latest\": "
        + "host namespaces (hostNetwork=true)";

    private static readonly DateTime s_now = new(2026, 1, 21, 14, 15, 30, DateTimeKind.Utc);

    public static TheoryData<string, string, string, string> Troubles =>
        new()
        {
            {
                """{"containerStatuses":[{"image":"a.io/agent:9","state":{"waiting":{"reason":"ErrImagePull"}}}]}""",
                "ImagePullBackOff",
                "the image a.io/agent:9 cannot be pulled",
                "spec.imagePullSecrets"
            },
            {
                """{"containerStatuses":[{"image":"a.io/agent:9","state":{"waiting":"""
                    + """{"reason":"ImagePullBackOff"}}}]}""",
                "ImagePullBackOff",
                "the image a.io/agent:9 cannot be pulled",
                "spec.imagePullSecrets"
            },
            {
                """
                    {"containerStatuses":[{"restartCount":3,"state":{"waiting":{"reason":"CrashLoopBackOff"}},
                     "lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled"}}}]}
                    """,
                "CrashLoopBackOff",
                "exit code 137 (OOMKilled)",
                "raise the memory limit"
            },
            {
                """{"containerStatuses":[{"restartCount":1,"state":{},"lastState":{"terminated":{"exitCode":2}}}]}""",
                "CrashLoopBackOff",
                "last with exit code 2",
                "logs ocx-agent-mcp-1 --previous"
            },
            {
                """
                    {"containerStatuses":[{"state":{"waiting":{"reason":"CreateContainerConfigError",
                     "message":"secret \"receiver\" not found"}}}]}
                    """,
                "CreateContainerConfigError",
                "secret \"receiver\" not found",
                "describe pod ocx-agent-mcp-1"
            },
            {
                """
                    {"conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable",
                     "message":"0/1 nodes are available: 1 Insufficient memory."}]}
                    """,
                "Unschedulable",
                "1 Insufficient memory",
                "spec.resources"
            },
            {
                """{"phase":"Failed","reason":"NodePorts","message":"Pod Predicate NodePorts failed"}""",
                "NodePorts",
                "Pod Predicate NodePorts failed",
                "describe pod ocx-agent-mcp-1"
            },
        };

    [Theory]
    [MemberData(nameof(Troubles))]
    public void Why_a_pod_does_not_run_is_the_reason_of_Ready_and_Degraded_with_what_to_do(
        string status,
        string reason,
        string what,
        string todo
    )
    {
        var conditions = Conditions(Seen(ready: 0) with { Pods = [Pod(status)] });
        Assert.Equal(("False", reason), (conditions["Ready"].Status, conditions["Ready"].Reason));
        Assert.Equal(("True", reason), (conditions["Degraded"].Status, conditions["Degraded"].Reason));
        Assert.Contains(what, conditions["Ready"].Message, StringComparison.Ordinal);
        Assert.Contains(todo, conditions["Ready"].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"containerStatuses":[{"state":{"waiting":{"reason":"ContainerCreating"}}}]}""")]
    [InlineData(
        """{"containerStatuses":[{"ready":true,"restartCount":3,"lastState":{"terminated":{"exitCode":1}}}]}"""
    )]
    public void A_pod_that_is_about_to_run_or_runs_again_is_no_trouble(string status)
    {
        var conditions = Conditions(Seen(ready: 0) with { Pods = [Pod(status)] });
        Assert.Equal("AgentsNotReady", conditions["Ready"].Reason);
        Assert.Equal("False", conditions["Degraded"].Status);
    }

    [Fact]
    public void A_pod_without_a_place_is_no_trouble_at_first_and_one_that_goes_is_none()
    {
        const string Unplaced =
            """{"conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"m"}]}""";
        Assert.Equal(
            "False",
            Conditions(Seen(ready: 0) with { Pods = [Pod(Unplaced, secondsAgo: 5)] })["Degraded"].Status
        );
        var going = Pod(Unplaced);
        going.Metadata.DeletionTimestamp = s_now;
        Assert.Equal("False", Conditions(Seen(ready: 0) with { Pods = [going] })["Degraded"].Status);
    }

    [Fact]
    public void Pods_that_Pod_Security_refuses_are_told_with_the_label_to_set_and_in_words_that_stay()
    {
        var conditions = Conditions(Seen(ready: 0) with { CreateFailure = PodSecurity });
        Assert.Equal(("True", "FailedCreate"), (conditions["Degraded"].Status, conditions["Degraded"].Reason));
        Assert.Equal("FailedCreate", conditions["Ready"].Reason);
        Assert.Contains(
            "kubectl label namespace ocx-system --overwrite pod-security.kubernetes.io/enforce=privileged",
            conditions["Ready"].Message,
            StringComparison.Ordinal
        );
        var again = PodSecurity.Replace("7h2xk", "z9z9z", StringComparison.Ordinal);
        Assert.Equal(
            conditions["Ready"].Message,
            Conditions(Seen(ready: 0) with { CreateFailure = again })["Ready"].Message
        );
    }

    [Fact]
    public void What_to_do_is_told_however_long_the_refusal_is()
    {
        var seen = Seen(ready: 0) with { CreateFailure = PodSecurity + new string('x', 5000) };
        var ready = Conditions(seen)["Ready"];
        Assert.EndsWith("says why they need it).", ready.Message, StringComparison.Ordinal);
        Assert.InRange(ready.Message.Length, 1, 1024);
    }

    [Fact]
    public void The_trouble_of_most_agents_is_told()
    {
        const string Pulling =
            """{"containerStatuses":[{"image":"i","state":{"waiting":{"reason":"ErrImagePull"}}}]}""";
        const string Config = """{"containerStatuses":[{"state":{"waiting":{"reason":"CreateContainerError"}}}]}""";
        var seen = Seen(ready: 0) with { Pods = [Pod(Config, "1"), Pod(Pulling, "2"), Pod(Pulling, "3")] };
        var ready = Conditions(seen)["Ready"];
        Assert.Equal("ImagePullBackOff", ready.Reason);
        Assert.StartsWith("2 agents, one of them on node-2: ", ready.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tap_whose_agents_are_all_ready_shows_in_the_STATUS_column_what_is_wrong_with_it()
    {
        var ready = Conditions(Seen(ready: 1) with { Conflicts = ["other"] })["Ready"];
        Assert.Equal(("True", "PortConflict"), (ready.Status, ready.Reason));
        Assert.StartsWith("The agent is ready. Also tapped", ready.Message, StringComparison.Ordinal);
        Assert.Equal("Running", Conditions(Seen(ready: 1))["Ready"].Reason);
    }

    [Theory]
    [InlineData("eth0", 0, 301, "NothingCaptured")]
    [InlineData("any", 0, 301, "NothingCaptured")]
    [InlineData("eth0", 0, 100, "Running")]
    [InlineData("eth0", 1, 301, "Running")]
    public void A_tap_that_has_run_for_a_while_and_seen_nothing_gets_a_hint(
        string link,
        long filtered,
        int secondsReady,
        string reason
    )
    {
        var seen = Seen(ready: 1, filtered);
        seen.Tap.Spec.Interface = link;
        seen.Tap.Status = new V1Alpha1McpTapStatus
        {
            Conditions =
            [
                new V1Condition
                {
                    Type = "Ready",
                    Status = "True",
                    Reason = "Running",
                    LastTransitionTime = s_now.AddSeconds(-secondsReady),
                },
            ],
        };
        var ready = Conditions(seen)["Ready"];
        Assert.Equal(("True", reason), (ready.Status, ready.Reason));
        Assert.Equal(
            reason == "NothingCaptured" && link != "any",
            ready.Message.Contains("try interface any", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_tap_at_which_the_operator_fails_keeps_its_counts_and_says_so()
    {
        var tap = Seen(ready: 1).Tap;
        tap.Status = StatusBuilder.Build(Seen(ready: 1, filtered: 7)).Status;

        var status = StatusBuilder.Failing(tap, TapProblem.Failing("IOException: why"), s_now).Status;

        Assert.Equal(7, status.Packets.Filtered);
        Assert.Equal(5, status.Conditions!.Count);
        Assert.Contains(
            status.Conditions,
            each => each is { Type: "Ready", Status: "False", Reason: "ReconcileFailed" }
        );
        Assert.Contains(status.Conditions, each => each is { Type: "Degraded", Status: "True" });
    }

    private static Dictionary<string, V1Condition> Conditions(TapObservation seen) =>
        StatusBuilder.Build(seen).Status.Conditions!.ToDictionary(condition => condition.Type);

    private static AgentPod Pod(string status, string number = "1", int secondsAgo = 60) =>
        new()
        {
            Metadata = new V1ObjectMeta
            {
                Name = $"ocx-agent-mcp-{number}",
                CreationTimestamp = s_now.AddSeconds(-secondsAgo),
            },
            Spec = new AgentPodSpec { NodeName = $"node-{number}" },
            Status = KubernetesJson.Deserialize<AgentPodStatus>(status),
        };

    private static TapObservation Seen(int ready, long filtered = 0) =>
        new()
        {
            Tap = new V1Alpha1McpTap
            {
                Metadata = new V1ObjectMeta { Name = "mcp", Generation = 1 },
            },
            DaemonSet = new V1DaemonSet
            {
                Metadata = new V1ObjectMeta { Generation = 1 },
                Spec = new V1DaemonSetSpec(),
                Status = new V1DaemonSetStatus
                {
                    ObservedGeneration = 1,
                    DesiredNumberScheduled = 1,
                    NumberReady = ready,
                    UpdatedNumberScheduled = 1,
                },
            },
            Reports =
            [
                new V1Alpha1McpTapReport
                {
                    Metadata = new V1ObjectMeta { Name = "mcp.node-1", Uid = "uid" },
                    Spec = new V1Alpha1McpTapReportSpec { Tap = "mcp", Node = "node-1" },
                    Status = new V1Alpha1McpTapReportStatus
                    {
                        Phase = NodePhase.Running,
                        Packets = new TrafficCounts { Total = filtered, Filtered = filtered },
                        LastReportTime = s_now,
                    },
                },
            ],
            Interval = TimeSpan.FromSeconds(10),
            Now = s_now,
        };
}
