namespace Ocx.Api.Tests;

public sealed class CountsTests
{
    [Theory]
    [InlineData(1, 2, 3)]
    [InlineData(0, 0, 0)]
    [InlineData(Counts.Largest, 1, Counts.Largest)]
    [InlineData(long.MaxValue, long.MaxValue, Counts.Largest)]
    [InlineData(-7, 5, 0)]
    public void A_sum_stops_at_the_largest_count_and_is_never_negative(long left, long right, long sum)
    {
        Assert.Equal(sum, Counts.Sum(left, right));
        var packets =
            new TrafficCounts
            {
                Total = left,
                Filtered = left,
                Captured = left,
                Dropped = left,
            }
            + new TrafficCounts
            {
                Total = right,
                Filtered = right,
                Captured = right,
                Dropped = right,
            };
        Assert.Equal(
            new TrafficCounts
            {
                Total = sum,
                Filtered = sum,
                Captured = sum,
                Dropped = sum,
            },
            packets
        );
        var calls =
            new CallCounts
            {
                Total = left,
                Errors = left,
                BusiestTools = [new() { Name = "echo", Calls = left }],
            }
            + new CallCounts
            {
                Total = right,
                Errors = right,
                BusiestTools = [new() { Name = "echo", Calls = right }],
            };
        Assert.Equal((sum, sum), (calls.Total, calls.Errors));
        Assert.Null(calls.Unread);
        var one = new CallCounts
        {
            Unread = new() { Tls = left, Oversize = left },
        };
        var other = new CallCounts { Unread = new() { Tls = right } };
        Assert.Equal(sum, (one + other).Unread!.Tls);
        Assert.Equal(one.Unread, (one + calls).Unread);
        Assert.InRange((one + other).Unread!.Total, sum, Counts.Largest);
        Assert.InRange(calls.BusiestTools!.Single().Calls, sum, Counts.Largest);
    }
}
