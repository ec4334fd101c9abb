using k8s.Models;
using Ocx.Api;
using Ocx.Operator.Status;

namespace Ocx.Operator.Tests;

public sealed class StatusBuilderTests
{
    private static readonly DateTime s_now = new(2026, 1, 21, 14, 15, 30, DateTimeKind.Utc);

    private static TapObservation Seen(params V1Alpha1McpTapReport[] reports) =>
        new()
        {
            Tap = new V1Alpha1McpTap
            {
                Metadata = new V1ObjectMeta
                {
                    Name = "mcp",
                    Uid = "tap",
                    Generation = 3,
                },
            },
            DaemonSet = new V1DaemonSet
            {
                Metadata = new V1ObjectMeta { Generation = 1 },
                Spec = new V1DaemonSetSpec(),
                Status = new V1DaemonSetStatus
                {
                    ObservedGeneration = 1,
                    DesiredNumberScheduled = 2,
                    NumberReady = 2,
                    UpdatedNumberScheduled = 2,
                },
            },
            Reports = reports,
            Interval = TimeSpan.FromSeconds(10),
            Now = s_now,
        };

    private static V1Alpha1McpTapReport Report(
        string node,
        long captured,
        long dropped = 0,
        string phase = NodePhase.Running,
        int secondsAgo = 5,
        string? message = null,
        int? dropSecondsAgo = null
    )
    {
        return new()
        {
            Metadata = new V1ObjectMeta { Name = V1Alpha1McpTapReport.NameOf("mcp", node), Uid = "uid-" + node },
            Spec = new V1Alpha1McpTapReportSpec { Tap = "mcp", Node = node },
            Status = new V1Alpha1McpTapReportStatus
            {
                Phase = phase,
                Message = message,
                Packets = new TrafficCounts
                {
                    Total = 1523,
                    Filtered = captured + dropped,
                    Captured = captured,
                    Dropped = dropped,
                },
                LastReportTime = s_now.AddSeconds(-secondsAgo),
                LastDropTime = dropSecondsAgo is { } ago ? s_now.AddSeconds(-ago) : null,
            },
        };
    }

    private static V1Alpha1McpTapReport WithCalls(
        V1Alpha1McpTapReport report,
        long total,
        long errors,
        params (string Name, long Calls)[] tools
    )
    {
        report.Status = report.Status! with
        {
            Calls = new()
            {
                Total = total,
                Errors = errors,
                BusiestTools = [.. tools.Select(tool => new ToolCalls { Name = tool.Name, Calls = tool.Calls })],
            },
        };
        return report;
    }

    private static TapObservation Taken(TapObservation seen, params V1Alpha1McpTapReport[] reports)
    {
        var taken = reports.Select(report => ReportIntake.Take(report, s_now)).ToList();
        return seen with
        {
            Reports = [.. taken.Where(each => each.Taken is not null).Select(each => each.Taken!)],
            Ignored = [.. taken.Where(each => each.Ignored is not null).Select(each => each.Ignored!)],
        };
    }

    private static (string Status, string Reason, string Message) Condition(TapObservation seen, string type)
    {
        var condition = StatusBuilder.Build(seen).Status.Conditions!.Single(each => each.Type == type);
        return (condition.Status, condition.Reason, condition.Message);
    }

    [Theory]
    [InlineData(1024, 0, 0)]
    [InlineData(1024, 1, 1)]
    [InlineData(1024, 512, 50)]
    [InlineData(1024, 1024, 100)]
    [InlineData(1024, 1025, null)]
    [InlineData(1024, -1, null)]
    [InlineData(0, 0, null)]
    [InlineData(-1024, -512, null)]
    [InlineData(long.MaxValue, long.MaxValue, 100)]
    public void How_full_a_nodes_ring_was_is_told_unless_its_figures_contradict_themselves(
        long size,
        long highest,
        int? percent
    )
    {
        V1Alpha1McpTapReport report = Report("n1", captured: 1);
        report.Status = report.Status! with
        {
            RingBuffer = new() { SizeBytes = size, HighestBytes = highest },
        };
        Assert.Equal(percent, StatusBuilder.Build(Seen(report)).Status.Nodes!.Single().RingHighestPercent);
    }

    [Fact]
    public void Calls_are_the_sum_of_the_reports_and_the_busiest_tools_those_of_all_nodes()
    {
        var seen = Seen(
            WithCalls(Report("a", 1), total: 10, errors: 1, ("add", 5), ("echo", 4)),
            WithCalls(Report("b", 1), total: 7, errors: 2, ("search", 6), ("echo", 3)),
            Report("from-an-earlier-version", 1)
        );
        var calls = StatusBuilder.Build(seen).Status.Calls;
        Assert.Equal((17, 3), (calls.Total, calls.Errors));
        Assert.Equal(
            [("echo", 7L), ("search", 6L), ("add", 5L)],
            calls.BusiestTools!.Select(tool => (tool.Name, tool.Calls))
        );

        // The calls of a node that is gone stay.
        seen.Tap.Status = StatusBuilder.Build(seen with { NodeExists = name => name != "b" }).Status;
        calls = StatusBuilder.Build(seen with { Reports = [seen.Reports.First()] }).Status.Calls;
        Assert.Equal((17, 3), (calls.Total, calls.Errors));
        Assert.Equal(["echo", "search", "add"], calls.BusiestTools!.Select(tool => tool.Name));
    }

    [Fact]
    public void At_most_ten_tools_are_named()
    {
        var tools = Enumerable.Range(1, 12).Select(number => ($"tool-{number:00}", (long)number)).ToArray();
        var calls = StatusBuilder.Build(Seen(WithCalls(Report("a", 1), total: 78, errors: 0, tools))).Status.Calls;
        Assert.Equal(
            Enumerable.Range(3, 10).Reverse().Select(number => $"tool-{number:00}"),
            calls.BusiestTools!.Select(tool => tool.Name)
        );
    }

    [Fact]
    public void Counts_are_the_sum_of_the_reports_and_every_node_is_listed()
    {
        var status = StatusBuilder.Build(Seen(Report("b", 12), Report("a", 30))).Status;
        Assert.Equal(42, status.Packets.Captured);
        Assert.Equal(3046, status.Packets.Total);
        Assert.Equal(["a", "b"], status.Nodes!.Select(node => node.Node));
        Assert.Equal(3, status.ObservedGeneration);
        Assert.Equal(
            ("True", "Running"),
            (Condition(Seen(Report("a", 1)), "Ready").Status, Condition(Seen(Report("a", 1)), "Ready").Reason)
        );
    }

    [Fact]
    public void A_node_that_is_gone_leaves_its_counts_and_its_report_is_to_be_deleted()
    {
        var built = StatusBuilder.Build(
            Seen(Report("a", 30), Report("gone", 12)) with
            {
                NodeExists = name => name != "gone",
            }
        );
        Assert.Equal(42, built.Status.Packets.Captured);
        Assert.Equal("uid-gone", Assert.Single(built.Retired).Metadata.Uid);
        Assert.Equal(12, built.Status.Retired!.Packets.Captured);
    }

    [Fact]
    public void A_report_that_is_retired_but_not_yet_deleted_is_not_counted_twice()
    {
        var seen = Seen(Report("a", 30), Report("gone", 12)) with { NodeExists = name => name != "gone" };
        seen.Tap.Status = StatusBuilder.Build(seen).Status;
        Assert.Equal(42, StatusBuilder.Build(seen).Status.Packets.Captured);

        var after = seen with { Reports = [Report("a", 30)] };
        Assert.Equal(42, StatusBuilder.Build(after).Status.Packets.Captured);
        Assert.Empty(StatusBuilder.Build(after).Status.Retired!.Reports!);
    }

    [Fact]
    public void A_node_that_missed_three_intervals_is_Unknown_and_its_counts_stay()
    {
        var seen = Seen(Report("a", 30), Report("silent", 12, secondsAgo: 31));
        var status = StatusBuilder.Build(seen).Status;
        Assert.Equal(NodePhase.Unknown, status.Nodes!.Single(node => node.Node == "silent").Phase);
        Assert.Equal(42, status.Packets.Captured);
        Assert.Equal("ReportsMissing", Condition(seen, "Degraded").Reason);
    }

    [Fact]
    public void A_report_that_cannot_be_right_is_named_and_harms_its_own_nodes_row_alone()
    {
        var seen = Taken(Seen(), Report("a", 30), Report("liar", long.MaxValue), Report("b", 12));
        var status = StatusBuilder.Build(seen).Status;
        Assert.Equal((42, 2 * 1523), (status.Packets.Captured, status.Packets.Total));
        Assert.Equal(["a", "b", "liar"], status.Nodes!.Select(node => node.Node));
        var row = status.Nodes!.Single(node => node.Node == "liar");
        Assert.Equal((NodePhase.Unknown, 0), (row.Phase, row.Captured));
        Assert.StartsWith("Its report is ignored: status.packets", row.Message, StringComparison.Ordinal);

        var (value, reason, message) = Condition(seen, "ReportsAccepted");
        Assert.Equal(("False", "ImplausibleReport"), (value, reason));
        Assert.Contains("mcp.liar: status.packets holds a number", message, StringComparison.Ordinal);
        Assert.Equal(
            ("True", "ImplausibleReport"),
            (Condition(seen, "Degraded").Status, Condition(seen, "Degraded").Reason)
        );
        Assert.Equal(
            ("True", "Plausible"),
            (
                Condition(Taken(Seen(), Report("a", 30)), "ReportsAccepted").Status,
                Condition(Seen(), "ReportsAccepted").Reason
            )
        );
    }

    [Fact]
    public void A_second_report_for_a_node_takes_no_row_and_an_ignored_one_goes_with_its_node_uncounted()
    {
        var second = Report("a", 5);
        second.Metadata.Name = "mcp.another-name";
        var seen = Taken(
            Seen() with
            {
                NodeExists = name => name != "gone",
            },
            Report("a", 30),
            second,
            Report("gone", long.MaxValue)
        );
        var built = StatusBuilder.Build(seen);
        Assert.Equal("a", Assert.Single(built.Status.Nodes!).Node);
        Assert.Equal(30, built.Status.Packets.Captured);
        Assert.Equal("uid-gone", Assert.Single(built.Retired).Metadata.Uid);
        Assert.Equal(0, built.Status.Retired!.Packets.Captured);
        Assert.Empty(built.Status.Retired.Reports!);
    }

    [Fact]
    public void Sums_of_reports_that_are_near_the_bound_stop_there()
    {
        var most = CountPlausibility.MostPackets;
        var reports = Enumerable
            .Range(0, 1000)
            .Select(number =>
            {
                var report = Report($"node-{number}", 0);
                report.Status = report.Status! with
                {
                    Packets = new TrafficCounts
                    {
                        Total = most,
                        Filtered = most,
                        Captured = most,
                    },
                    Bytes = new TrafficCounts
                    {
                        Total = Counts.Largest - 1,
                        Filtered = Counts.Largest - 1,
                        Captured = Counts.Largest - 1,
                    },
                };
                return report;
            })
            .ToArray();
        var status = StatusBuilder.Build(Taken(Seen(), reports)).Status;
        Assert.Equal(Counts.Largest, status.Packets.Captured);
        Assert.Equal(Counts.Largest, status.Bytes.Captured);
    }

    [Fact]
    public void A_report_of_the_future_pins_no_loss()
    {
        var report = Report("a", 1, dropped: 7, secondsAgo: -86_400, dropSecondsAgo: -86_400);
        var first = Taken(Seen(), report);
        Assert.Equal("True", Condition(first, "DataLoss").Status);

        // It is not written again: the loss is over, and then the node is silent.
        var later = first with
        {
            Now = s_now.AddMinutes(1),
        };
        Assert.Equal("False", Condition(later, "DataLoss").Status);
        Assert.Equal("ReportsMissing", Condition(later, "Degraded").Reason);
    }

    [Fact]
    public void Of_many_nodes_that_are_gone_some_are_retired_at_a_time_so_that_the_status_stays_small()
    {
        var seen = Seen([.. Enumerable.Range(0, 2000).Select(number => Report($"gone-{number}", 1))]) with
        {
            NodeExists = _ => false,
        };
        var left = seen.Reports.ToList();
        for (var pass = 0; pass < 4; pass++)
        {
            var built = StatusBuilder.Build(seen with { Reports = left });
            Assert.Equal(500, built.Retired.Count);
            Assert.Equal(2000, built.Status.Packets.Captured);
            Assert.InRange(k8s.KubernetesJson.Serialize(built.Status).Length, 1, 128 * 1024);
            seen.Tap.Status = built.Status;

            // Counted already, and not yet deleted: nothing more is retired.
            Assert.Equal(500, StatusBuilder.Build(seen with { Reports = left }).Retired.Count);
            left = [.. left.Except(built.Retired)];
        }

        Assert.Equal(2000, StatusBuilder.Build(seen with { Reports = left }).Status.Packets.Captured);
    }

    [Fact]
    public void No_matching_node_is_not_ready()
    {
        var seen = Seen();
        seen.DaemonSet!.Status.DesiredNumberScheduled = 0;
        Assert.Equal(("False", "NoNodes"), (Condition(seen, "Ready").Status, Condition(seen, "Ready").Reason));
    }

    [Fact]
    public void An_agent_that_cannot_attach_is_named_with_its_message()
    {
        var seen = Seen(
            Report("a", 1),
            Report("b", 0, phase: NodePhase.Failed, message: "There is no interface 'eth9'.")
        );
        Assert.Equal(
            ("True", "AgentsFailed"),
            (Condition(seen, "Degraded").Status, Condition(seen, "Degraded").Reason)
        );
        Assert.Contains("b: There is no interface 'eth9'.", Condition(seen, "Ready").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Drops_in_the_last_interval_are_a_data_loss_with_the_ring_size_to_try()
    {
        var (status, _, message) = Condition(Seen(Report("a", 1, dropped: 7, dropSecondsAgo: 5)), "DataLoss");
        Assert.Equal("True", status);
        Assert.Contains("ringSize 32Mi", message, StringComparison.Ordinal);
        Assert.Equal("False", Condition(Seen(Report("a", 1, dropped: 7, dropSecondsAgo: 60)), "DataLoss").Status);
    }

    [Fact]
    public void Two_taps_on_the_same_port_are_a_conflict_that_names_the_other() =>
        Assert.Contains(
            "other",
            Condition(Seen(Report("a", 1)) with { Conflicts = ["other"] }, "Degraded").Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_rollout_that_waits_for_pods_to_be_deleted_is_paused()
    {
        var seen = Seen(Report("a", 1));
        seen.DaemonSet!.Spec.UpdateStrategy = new V1DaemonSetUpdateStrategy { Type = "OnDelete" };
        seen.DaemonSet.Status.UpdatedNumberScheduled = 1;
        Assert.Equal(
            ("False", "RolloutPaused"),
            (Condition(seen, "Progressing").Status, Condition(seen, "Progressing").Reason)
        );
    }

    [Fact]
    public void A_refused_object_and_a_suspended_tap_are_told_before_anything_else()
    {
        Assert.Equal("ApplyFailed", Condition(Seen() with { Problem = TapProblem.Refused("refused") }, "Ready").Reason);
        var suspended = Seen();
        suspended.Tap.Spec.Suspend = true;
        Assert.Equal("Suspended", Condition(suspended, "Ready").Reason);
    }

    [Fact]
    public void Of_5000_nodes_the_worst_100_are_listed_and_the_object_stays_small()
    {
        var message = new string('x', 1024);
        var reports = Enumerable
            .Range(0, 5000)
            .Select(number =>
                Report(
                    $"node-{number:D4}.a-region.compute.example.com",
                    1_000_000_000,
                    phase: number % 50 == 7 ? NodePhase.Failed : NodePhase.Running,
                    message: number % 50 == 7 ? message : null
                )
            );
        var status = StatusBuilder.Build(Seen([.. reports])).Status;
        Assert.Equal(4900, status.OmittedNodes);
        Assert.All(status.Nodes!, node => Assert.Equal(NodePhase.Failed, node.Phase));
        Assert.InRange(k8s.KubernetesJson.Serialize(status).Length, 1, 64 * 1024);
    }

    [Fact]
    public void The_time_of_a_transition_stays_while_the_status_stays()
    {
        var seen = Seen(Report("a", 1));
        seen.Tap.Status = StatusBuilder.Build(seen).Status;
        var later = StatusBuilder.Build(seen with { Now = s_now.AddSeconds(20) }).Status;
        Assert.All(later.Conditions!, condition => Assert.Equal(s_now, condition.LastTransitionTime));
    }

    [Theory]
    [InlineData(3, 10)]
    [InlineData(400, 10)]
    [InlineData(1000, 30)]
    [InlineData(5000, 130)]
    public void The_interval_grows_with_the_agents_so_that_they_keep_to_the_budget(int agents, int seconds)
    {
        var interval = ReportInterval.Of("10s", agents);
        Assert.Equal(TimeSpan.FromSeconds(seconds), interval);
        Assert.InRange(agents / interval.TotalSeconds, 0, ReportInterval.WritesPerSecond);
    }
}
