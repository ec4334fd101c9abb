using Xunit;

namespace Ocx.Bpf.Tests;

public class LinkTableTests
{
    [Fact]
    public void The_loopback_interface_is_number_one_everywhere()
    {
        Assert.Equal(1, LinkTable.IndexOf("lo"));
        Assert.Equal("lo", LinkTable.List()[1]);
    }

    [Theory]
    [InlineData("no-such-link")]
    [InlineData("a-name-that-is-far-too-long")]
    [InlineData("")]
    public void An_interface_that_is_not_there_has_no_index_and_is_not_up(string name)
    {
        Assert.Equal(0, LinkTable.IndexOf(name));
        Assert.False(LinkTable.IsUp(name));
    }
}
