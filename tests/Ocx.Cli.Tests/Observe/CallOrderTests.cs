using System.Text;
using System.Threading.Channels;
using Ocx.Cli.Calls;
using Ocx.Cli.Observe;

namespace Ocx.Cli.Tests.Observe;

/// <summary>The calls of several nodes come out in the order in which they ended.</summary>
public sealed class CallOrderTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Finished_logs_are_merged_whatever_their_lengths()
    {
        var random = new Random(7);
        IAsyncEnumerable<Call>[] logs = [.. Enumerable.Range(0, 7).Select(node => Enumerable.Range(0, random.Next(100))
            .Select(_ => random.Next(10_000)).Order().Select(second => At(second, $"{node}")).ToArray().ToAsyncEnumerable())];

        Call[] merged = await CallOrder.MergeAsync(logs, Cancellation).ToArrayAsync(Cancellation);

        Assert.Equal(await logs.ToAsyncEnumerable().SelectMany(log => log).CountAsync(Cancellation), merged.Length);
        Assert.Equal(merged.OrderBy(call => call.EndTime), merged);
    }

    [Fact]
    public async Task What_arrives_together_comes_out_in_order_within_200_ms_and_a_failure_after_it()
    {
        var calls = Channel.CreateUnbounded<Call>();
        foreach (int second in (int[])[5, 1, 4, 2, 3])
        {
            calls.Writer.TryWrite(At(second, "n"));
        }

        calls.Writer.Complete(new InvalidOperationException("the end"));
        var seen = new List<DateTimeOffset>();
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await foreach (Call call in CallOrder.SettleAsync(calls.Reader, Cancellation))
            {
                seen.Add(call.EndTime);
                Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(2));
            }
        });

        Assert.Equal(5, seen.Count);
        Assert.Equal(seen.Order(), seen);
    }

    [Fact]
    public void Lines_that_are_read_again_are_known_until_they_are_long_gone()
    {
        var lines = new RecentLines(capacity: 100);
        Assert.All(Enumerable.Range(0, 150), i => Assert.True(lines.Add(Encoding.UTF8.GetBytes($"line {i}"))));

        Assert.All(Enumerable.Range(50, 100), i => Assert.False(lines.Add(Encoding.UTF8.GetBytes($"line {i}"))));
        Assert.True(lines.Add("line 49"u8));
    }

    private static Call At(int second, string node) => Call.TryParse(Encoding.UTF8.GetBytes(AgentLines.Line(start: AgentLines.Noon.AddSeconds(second))), "tap", node)!;
}
