using System.Text;
using Ocx.Cli.Top;
using Ocx.Mcp.Records;

namespace Ocx.Cli.Tests.Top;

/// <summary><c>ocx top</c>: the busiest tools of an interval.</summary>
public sealed class TopTests
{
    [Fact]
    public async Task Tools_stand_by_rate_with_errors_and_the_durations_of_half_and_of_95_of_100()
    {
        string[] lines =
        [
            .. Enumerable.Range(1, 100).Select(ms => AgentLines.Line("echo", ms: ms)),
            AgentLines.Line("search", "tool_error", ms: 800),
            AgentLines.Line("search", ms: 200),
            AgentLines.Line("", method: "tools/list"),
        ];

        Ocx top = await Ocx.RunAsync(AgentLines.Log(lines), "top", "--input", "-", "--interval", "10s");

        Assert.Equal(0, top.ExitCode);
        Assert.Matches(@"^METHOD +NAME +CALLS/S +CALLS +ERRORS +P50 +P95 *$", top.Lines[0]);
        Assert.Matches(@"^tools/call +echo +10\.0 +100 +0 +50\.0ms +95\.0ms *$", top.Lines[1]);
        Assert.Matches(@"^tools/call +search +0\.2 +2 +1 +200\.0ms +800\.0ms *$", top.Lines[2]);
        Assert.Matches(@"^tools/list +- +0\.1 +1 +0 ", top.Lines[3]);
    }

    [Fact]
    public async Task Filters_are_those_of_observe()
    {
        Ocx top = await Ocx.RunAsync(
            AgentLines.Log(AgentLines.Line("echo"), AgentLines.Line("search")),
            "top",
            "--input",
            "-",
            "--tool",
            "echo"
        );

        Assert.Contains("echo", top.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("search", top.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_without_end_take_no_memory_without_end()
    {
        var tally = new ToolTally();
        for (int i = 0; i < 1500; i++)
        {
            Assert.True(
                RecordedCall.TryRead(Encoding.UTF8.GetBytes(AgentLines.Line($"tool-{i}")), out RecordedCall? call)
            );
            tally.Add(call);
        }

        IReadOnlyList<ToolRow> rows = tally.Take();

        Assert.Equal(1001, rows.Count);
        Assert.Equal(("(other)", 500L), (rows[0].Method, rows[0].Calls));
        Assert.Empty(tally.Take());
    }
}
