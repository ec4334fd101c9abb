using Ocx.Mcp.Records;
using Ocx.Mcp.Tcp;
using Ocx.NodeAgent.Findings;
using Xunit;

namespace Ocx.NodeAgent.Tests.Findings;

public class ToolListsTests
{
    private static readonly ServerKey s_server = new("shop", "deployment/mcp", new IpEndpoint(0, 8080));

    private readonly ToolLists _lists = new();

    [Fact]
    public void The_first_list_and_the_same_in_another_order_are_no_change()
    {
        Assert.Null(Learn(Whole(("a", 1), ("b", 2))));
        Assert.Null(Learn(Whole(("b", 2), ("a", 1))));
    }

    [Fact]
    public void A_changed_a_new_and_a_gone_tool_are_each_a_change_and_then_the_rule()
    {
        Learn(Whole(("a", 1), ("b", 2)));
        Assert.Equal("the definition of tool 'a' changed", Learn(Whole(("a", 9), ("b", 2))));
        Assert.Equal("tool 'c' is new", Learn(Whole(("a", 9), ("b", 2), ("c", 3))));
        Assert.Equal("tool 'b' is gone", Learn(Whole(("a", 9), ("c", 3))));
        Assert.Equal("the definition of tool 'a' changed, and 1 more", Learn(Whole(("a", 1))));
        Assert.Null(Learn(Whole(("a", 1))));
    }

    [Fact]
    public void Pages_are_judged_tool_by_tool_and_make_none_new_or_gone()
    {
        Assert.Null(Learn(Page(("a", 1))));
        Assert.Null(Learn(Page(("b", 2))));
        Assert.Null(Learn(Page(("a", 1), ("b", 2))));
        Assert.Null(Learn(Page(("a", 1))));
        Assert.Equal("the definition of tool 'b' changed", Learn(Page(("b", 9))));
        Assert.Null(Learn(Whole(("a", 1), ("c", 3))));
        Assert.Null(Learn(Page(("d", 4))));
    }

    [Fact]
    public void Servers_do_not_share_their_tools()
    {
        Learn(Whole(("a", 1)));
        Assert.Null(_lists.Learn(s_server with { Workload = "deployment/other" }, Whole(("a", 9)), 0));
        Assert.Null(_lists.Learn(s_server with { End = new IpEndpoint(0, 8081) }, Whole(("a", 9)), 0));
    }

    [Fact]
    public void The_server_that_was_asked_longest_ago_gives_way()
    {
        _lists.Learn(s_server, Whole(("a", 1)), now: 1);
        for (int i = 1; i < ToolLists.MaxServers; i++)
        {
            _lists.Learn(s_server with { Workload = $"w{i}" }, Whole(("a", 1)), now: 1 + i);
        }

        _lists.Learn(s_server, Whole(("a", 1)), now: 1000);
        _lists.Learn(s_server with { Workload = "one-more" }, Whole(("a", 1)), now: 1001);
        Assert.NotNull(_lists.Learn(s_server, Whole(("a", 2)), now: 1002));
        Assert.Null(_lists.Learn(s_server with { Workload = "w1" }, Whole(("a", 2)), now: 1003));
    }

    [Fact]
    public void Pages_without_end_are_remembered_up_to_the_bound()
    {
        for (int i = 0; i < 2 * ToolList.MaxTools; i++)
        {
            Assert.Null(Learn(Page(($"t{i}", 1))));
        }

        Assert.NotNull(Learn(Page(("t0", 2))));
        Assert.Null(Learn(Page(($"t{ToolList.MaxTools}", 2))));
    }

    private string? Learn(ToolList list) => _lists.Learn(s_server, list, 0);

    private static ToolList Whole(params (string Name, int Hash)[] tools) => List(tools, isComplete: true);

    private static ToolList Page(params (string Name, int Hash)[] tools) => List(tools, isComplete: false);

    private static ToolList List((string Name, int Hash)[] tools, bool isComplete) =>
        new([.. tools.Select(tool => new ToolDefinition(tool.Name, (UInt128)tool.Hash))], isComplete);
}
