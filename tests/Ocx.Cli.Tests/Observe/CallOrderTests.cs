using System.Text;
using Ocx.Cli.Observe;
using Ocx.Mcp.Records;

namespace Ocx.Cli.Tests.Observe;

/// <summary>The calls of several nodes come out in the order in which they ended.</summary>
public sealed class CallOrderTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Finished_logs_are_merged_whatever_their_lengths()
    {
        var random = new Random(7);
        IAsyncEnumerable<RecordedCall>[] logs =
        [
            .. Enumerable
                .Range(0, 7)
                .Select(node =>
                    Enumerable
                        .Range(0, random.Next(100))
                        .Select(_ => random.Next(10_000))
                        .Order()
                        .Select(second => At(second, $"{node}"))
                        .ToArray()
                        .ToAsyncEnumerable()
                ),
        ];

        RecordedCall[] merged = await CallOrder.MergeAsync(logs, Cancellation).ToArrayAsync(Cancellation);

        Assert.Equal(await logs.ToAsyncEnumerable().SelectMany(log => log).CountAsync(Cancellation), merged.Length);
        Assert.Equal(merged.OrderBy(call => call.EndTime), merged);
    }

    [Fact]
    public async Task What_arrives_together_comes_out_in_order_within_200_ms_and_a_failure_after_it()
    {
        var calls = new CallQueue();
        foreach (int second in (int[])[5, 1, 4, 2, 3])
        {
            await calls.WriteAsync(At(second, "n"), Cancellation);
        }

        calls.Complete(new InvalidOperationException("the end"));
        var seen = new List<DateTimeOffset>();
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await foreach (RecordedCall call in calls.ReadInOrderAsync(Cancellation))
            {
                seen.Add(call.EndTime);
                Assert.InRange(
                    System.Diagnostics.Stopwatch.GetElapsedTime(start),
                    TimeSpan.Zero,
                    TimeSpan.FromSeconds(20)
                );
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

    [Fact]
    public async Task Calls_of_any_size_and_number_take_no_more_than_the_bound_and_none_is_lost()
    {
        const int Calls = 500,
            Bound = 200_000;
        var queue = new CallQueue(Bound);
        Task[] logs =
        [
            .. Enumerable
                .Range(0, 5)
                .Select(async node =>
                {
                    for (int i = 0; i < Calls / 5; i++)
                    {
                        await queue.WriteAsync(At(i, $"{node}", tool: new string('x', i * 100)), Cancellation);
                    }
                }),
        ];
        _ = Task.WhenAll(logs).ContinueWith(all => queue.Complete(all.Exception), TaskScheduler.Default);
        int seen = 0;
        await foreach (RecordedCall call in queue.ReadInOrderAsync(Cancellation))
        {
            Assert.InRange(queue.HeldBytes, 1, Bound * 2); // what is only just refused counts for a moment
            seen++;
        }

        Assert.Equal((Calls, 0), (seen, queue.HeldBytes));
    }

    private static RecordedCall At(int second, string node, string tool = "echo") =>
        RecordedCall.TryRead(
            Encoding.UTF8.GetBytes(AgentLines.Line(tool, start: AgentLines.Noon.AddSeconds(second))),
            out RecordedCall? call
        )
            ? call with
            {
                Node = node,
            }
            : throw new InvalidOperationException("no call");
}
