namespace Ocx.Netfilter.Tests;

/// <summary>The kernel's table of queues is read, whatever stands in it.</summary>
public class PacketQueueStatisticsTests
{
    // As Linux 6.18 shows it.
    private const string Table =
        "    7  12345     2 2 65531     0     0       19  1\n20480 4294963187     1 2 65531     3     4     4711  1\n";

    [Fact]
    public void A_queue_is_found_with_its_counts()
    {
        Assert.True(TryFind(Table, 20480, out PacketQueueStatistics statistics, out uint peer));
        Assert.Equal(new PacketQueueStatistics(1, 3, 4, 4711), statistics);
        Assert.Equal(4294963187, peer);
        Assert.False(TryFind(Table, 2048, out _, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("7")]
    [InlineData("7 1 2 3 4 5 6")]
    [InlineData("7 x 2 3 4 5 6 7")]
    [InlineData("99999999999999999999999 1 2 3 4 5 6 7 8")]
    public void A_line_that_is_something_else_is_passed_over(string line)
    {
        Assert.False(TryFind(line, 7, out _, out _));
        Assert.True(TryFind($"{line}\n{Table}", 7, out PacketQueueStatistics statistics, out _));
        Assert.Equal(19, statistics.LastId);
    }

    private static bool TryFind(string table, ushort queue, out PacketQueueStatistics statistics, out uint peer) =>
        PacketQueueStatistics.TryFind(System.Text.Encoding.ASCII.GetBytes(table), queue, out statistics, out peer);
}
