using k8s.Models;
using Ocx.Api;
using Ocx.Operator.Status;

namespace Ocx.Operator.Tests;

public sealed class ReportIntakeTests
{
    private static readonly DateTime s_now = new(2026, 1, 21, 14, 15, 30, DateTimeKind.Utc);

    private static V1Alpha1McpTapReport Report(
        V1Alpha1McpTapReportStatus? status,
        string name = "mcp.a",
        string tap = "mcp",
        string node = "a"
    ) =>
        new()
        {
            Metadata = new V1ObjectMeta { Name = name, Uid = "uid" },
            Spec = new V1Alpha1McpTapReportSpec { Tap = tap, Node = node },
            Status = status,
        };

    private static V1Alpha1McpTapReportStatus Status(
        long total = 10,
        long filtered = 9,
        long captured = 8,
        long dropped = 1
    ) =>
        new()
        {
            Phase = NodePhase.Running,
            Packets = new()
            {
                Total = total,
                Filtered = filtered,
                Captured = captured,
                Dropped = dropped,
            },
            LastReportTime = s_now,
        };

    private static string? Problem(V1Alpha1McpTapReport report) => ReportIntake.Take(report, s_now).Ignored?.Problem;

    [Theory]
    [InlineData(10, 9, 8, 1, null)]
    [InlineData(0, 0, 0, 0, null)]
    [InlineData(CountPlausibility.MostPackets, CountPlausibility.MostPackets, CountPlausibility.MostPackets, 0, null)]
    [InlineData(1000, 1003, 1005, 2, null)] // read while packets passed
    [InlineData(-1, 0, 0, 0, "no agent can have counted")]
    [InlineData(10, 9, -8, 1, "no agent can have counted")]
    [InlineData(long.MaxValue, 9, 8, 1, "no agent can have counted")]
    [InlineData(long.MaxValue, long.MaxValue, long.MaxValue, long.MaxValue, "no agent can have counted")]
    [InlineData(CountPlausibility.MostPackets + 1, 9, 8, 1, "no agent can have counted")]
    [InlineData(10, 100_000, 8, 1, "filtered is more than total")]
    [InlineData(200_000, 10, 100_000, 0, "captured and dropped are more than filtered")]
    [InlineData(200_000, 10, 0, 100_000, "captured and dropped are more than filtered")]
    public void Counts_that_cannot_be_right_are_ignored(
        long total,
        long filtered,
        long captured,
        long dropped,
        string? problem
    )
    {
        var status = Status(total, filtered, captured, dropped);
        Check(status);
        if (total <= CountPlausibility.MostPackets)
        {
            // Each packet has a byte at least, so bytes may be ahead by more.
            const int More = 65_536;
            Check(
                Status() with
                {
                    Bytes = new()
                    {
                        Total = total * (total < 1_000_000 ? More : 1),
                        Filtered = filtered * (total < 1_000_000 ? More : 1),
                        Captured = captured * (total < 1_000_000 ? More : 1),
                        Dropped = dropped * (total < 1_000_000 ? More : 1),
                    },
                }
            );
        }

        void Check(V1Alpha1McpTapReportStatus each)
        {
            var found = Problem(Report(each));
            Assert.Equal(problem is null, found is null);
            Assert.Contains(problem ?? string.Empty, found ?? string.Empty, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Calls_a_phase_and_names_that_cannot_be_right_are_ignored()
    {
        Assert.Contains(
            "status.calls",
            Problem(Report(Status() with { Calls = new() { Total = -1 } })),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "status.calls",
            Problem(
                Report(
                    Status() with
                    {
                        Calls = new() { Total = 1, Errors = 100_000 },
                    }
                )
            ),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "status.calls",
            Problem(
                Report(Status() with { Calls = new() { BusiestTools = [new() { Name = "x", Calls = long.MaxValue }] } })
            ),
            StringComparison.Ordinal
        );
        Assert.Contains("status.phase", Problem(Report(Status() with { Phase = "Unknown" })), StringComparison.Ordinal);
        Assert.Contains("<tap>.<node>", Problem(Report(Status(), name: "mcp.b")), StringComparison.Ordinal);
        Assert.Contains("<tap>.<node>", Problem(Report(Status(), name: "second")), StringComparison.Ordinal);
        Assert.Contains("spec.node", Problem(Report(Status(), name: "mcp.a\n", node: "a\n")), StringComparison.Ordinal);
        Assert.Contains("spec.node", Problem(Report(Status(), node: new string('a', 254))), StringComparison.Ordinal);
        var none = Report(Status());
        none.Spec = null!;
        Assert.NotNull(Problem(none));
        Assert.Null(Problem(Report(null)));
    }

    [Fact]
    public void What_is_null_where_nothing_may_be_is_none()
    {
        var status = Status() with
        {
            Packets = null!,
            Bytes = null!,
            Findings = [null!, new() { Kind = null! }],
            Calls = new() { BusiestTools = [null!, new() { Name = null! }] },
        };
        var taken = ReportIntake.Take(Report(status), s_now).Taken!.Status!;
        Assert.Equal((new TrafficCounts(), new TrafficCounts()), (taken.Packets, taken.Bytes));
        Assert.Empty(taken.Findings!);
        Assert.Empty(taken.Calls!.BusiestTools!);
    }

    [Fact]
    public void A_report_of_the_future_came_in_when_it_came_in_and_its_other_times_move_with_it()
    {
        var status = Status() with
        {
            LastReportTime = s_now.AddHours(2),
            LastDropTime = s_now.AddHours(2).AddSeconds(-40),
            Findings =
            [
                new()
                {
                    Kind = FindingKind.ToolsChanged,
                    Server = "s",
                    Message = "m",
                    LastSeen = s_now.AddHours(1),
                },
            ],
        };
        var taken = ReportIntake.Take(Report(status), s_now).Taken!.Status!;
        Assert.Equal((s_now, s_now.AddSeconds(-40)), (taken.LastReportTime, taken.LastDropTime));
        Assert.Equal(s_now.AddHours(-1), taken.Findings!.Single().LastSeen);
    }

    [Theory]
    [InlineData(4 * 60)]
    [InlineData(-86_400)]
    public void Clocks_may_differ_a_little_and_old_reports_stay_old(int seconds)
    {
        var taken = ReportIntake
            .Take(Report(Status() with { LastReportTime = s_now.AddSeconds(seconds) }), s_now)
            .Taken!.Status!;
        Assert.Equal(s_now.AddSeconds(seconds), taken.LastReportTime);
    }

    [Fact]
    public void Nothing_in_a_report_was_later_than_the_report()
    {
        var late = new DateTime(9999, 12, 31, 23, 59, 59, DateTimeKind.Utc);
        var status = Status() with
        {
            LastDropTime = late,
            Findings = [new() { Kind = FindingKind.ToolsChanged, LastSeen = late }],
        };
        var taken = ReportIntake.Take(Report(status), s_now).Taken!.Status!;
        Assert.Equal((s_now, s_now), (taken.LastDropTime, taken.Findings!.Single().LastSeen));

        var silent = ReportIntake.Take(Report(status with { LastReportTime = null }), s_now).Taken!.Status!;
        Assert.Equal(s_now, silent.LastDropTime);

        var ends = ReportIntake
            .Take(Report(status with { LastReportTime = late, LastDropTime = default(DateTime) }), s_now)
            .Taken!.Status!;
        Assert.Equal((s_now, default(DateTime)), (ends.LastReportTime, ends.LastDropTime));
    }

    [Fact]
    public void Texts_are_bounded_and_escaped()
    {
        const string Hostile = "\u001b[2J\u202eok\nnode-b: fine \ud83d";
        var lots = string.Concat(Enumerable.Repeat(Hostile, 100));
        var status = Status() with
        {
            Message = lots,
            Calls = new()
            {
                Total = 1,
                BusiestTools =
                [
                    .. Enumerable.Range(0, 50).Select(number => new ToolCalls { Name = number + lots, Calls = 1 }),
                ],
            },
            Findings =
            [
                new()
                {
                    Kind = "made_up",
                    Server = "s",
                    Message = "m",
                    LastSeen = s_now,
                },
                .. Enumerable
                    .Range(0, 50)
                    .Select(number => new Finding
                    {
                        Kind = FindingKind.ToolsChanged,
                        Server = lots,
                        Message = lots,
                        LastSeen = s_now,
                    }),
            ],
        };
        var taken = ReportIntake.Take(Report(status), s_now).Taken!.Status!;
        Assert.Equal(CallCounts.NamedTools, taken.Calls!.BusiestTools!.Count);
        Assert.Equal(Finding.MaxReported, taken.Findings!.Count);
        Assert.All(
            [
                (taken.Message!, V1Alpha1McpTapReportStatus.LongestMessage),
                .. taken.Calls.BusiestTools.Select(tool => (tool.Name, CallCounts.LongestName)),
                .. taken.Findings.SelectMany(finding =>
                    new[] { (finding.Server, Finding.LongestServer), (finding.Message, Finding.LongestMessage) }
                ),
            ],
            text =>
            {
                Assert.InRange(text.Item1.Length, 1, text.Item2);
                Assert.DoesNotContain(
                    text.Item1,
                    character => character is < ' ' or '\u202e' || char.IsSurrogate(character)
                );
                Assert.Contains("\\u{1b}[2J\\u{202e}ok\\nnode-b: fine", text.Item1, StringComparison.Ordinal);
            }
        );
    }
}
