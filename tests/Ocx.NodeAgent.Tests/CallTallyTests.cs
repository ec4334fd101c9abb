using System.Text;
using Ocx.Api;
using Ocx.NodeAgent.Calls;
using Ocx.NodeAgent.Capture;
using Xunit;

namespace Ocx.NodeAgent.Tests;

public class CallTallyTests
{
    private readonly CallTally _tally = new();

    [Fact]
    public void Before_the_first_call_there_is_nothing_to_name()
    {
        Assert.Equal(new CallCounts(), _tally.Snapshot());
    }

    [Fact]
    public void Calls_of_any_method_are_counted_and_those_of_tools_by_name()
    {
        Call("tools/list", null);
        Call("tools/call", "echo");
        Call("tools/call", "echo");
        Call("tools/call", "add");
        Call("prompts/get", "no-tool");

        CallCounts counts = _tally.Snapshot();
        Assert.Equal((5, 0), (counts.Total, counts.Errors));
        Assert.Equal([("echo", 2L), ("add", 1L)], counts.BusiestTools!.Select(tool => (tool.Name, tool.Calls)));
    }

    [Fact]
    public void A_busy_tool_among_thousands_is_not_missed()
    {
        for (int i = 0; i < 3000; i++)
        {
            Call("tools/call", $"rare-{i}");
            if (i % 50 == 0)
            {
                Call("tools/call", "busy");
            }
        }

        CallCounts counts = _tally.Snapshot();
        Assert.Equal(3060, counts.Total);
        Assert.Equal(CallCounts.NamedTools, counts.BusiestTools!.Count);
        ToolCalls busy = Assert.Single(counts.BusiestTools, tool => tool.Name == "busy");
        Assert.InRange(busy.Calls, 60, 60 + (3060 / 256) + 1);
    }

    [Fact]
    public void A_name_is_cut_and_cannot_drive_a_terminal()
    {
        Call("tools/call", "\\u001b[31m" + new string('x', 500));
        ToolCalls tool = Assert.Single(_tally.Snapshot().BusiestTools!);
        Assert.Equal(CallCounts.LongestName, tool.Name.Length);
        Assert.StartsWith("\\u{1b}[31mxxx", tool.Name, StringComparison.Ordinal);
    }

    // Each is told as unanswered at the end of its stream.
    private void Call(string method, string? name)
    {
        string parameters = name is null ? "{}" : $$"""{"name":"{{name}}"}""";
        var calls = new CallFollower(new MonotonicClock(), new(), _tally);
        calls.Accept(
            CapturedSegment.Read(
                Records.Ipv4(
                    Encoding.UTF8.GetBytes(
                        $$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{parameters}}}""" + "\n"
                    )
                )
            )
        );
        calls.Finish();
    }
}
