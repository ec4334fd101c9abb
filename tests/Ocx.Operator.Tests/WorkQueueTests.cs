using Ocx.Kube;
using Ocx.Operator.Runtime;

namespace Ocx.Operator.Tests;

public sealed class WorkQueueTests : IDisposable
{
    private readonly WorkQueue _queue = new(
        new ExponentialBackoff(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(50)),
        TimeProvider.System
    );

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_that_is_added_many_times_is_taken_once()
    {
        _queue.Add("a");
        _queue.Add("a");
        _queue.Add("b");
        Assert.Equal("a", await _queue.TakeAsync(Token));
        Assert.Equal("b", await _queue.TakeAsync(Token));
        Assert.Equal(0, _queue.Depth);
    }

    [Fact]
    public async Task A_key_that_is_added_while_it_is_processed_is_taken_again_afterwards_and_not_before()
    {
        _queue.Add("a");
        await _queue.TakeAsync(Token);
        _queue.Add("a");
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _queue.TakeAsync(soon.Token));

        _queue.Done("a");
        Assert.Equal("a", await _queue.TakeAsync(Token));
    }

    [Fact]
    public async Task The_earliest_of_several_delays_counts()
    {
        _queue.AddAfter("a", TimeSpan.FromHours(1));
        _queue.AddAfter("a", TimeSpan.FromMilliseconds(1));
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        Assert.Equal("a", await _queue.TakeAsync(soon.Token));
    }

    [Fact]
    public async Task A_delay_that_is_longer_than_any_timer_is_taken_and_an_earlier_one_still_counts()
    {
        _queue.AddAfter("a", TimeSpan.FromHours(9999));
        _queue.AddAfter("b", TimeSpan.FromHours(9999));
        _queue.AddAfter("a", TimeSpan.FromMilliseconds(1));
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        Assert.Equal("a", await _queue.TakeAsync(soon.Token));
    }

    [Fact]
    public async Task A_key_that_is_added_for_later_a_million_times_leaves_one_timer()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var number = 0; number < 1_000_000; number++)
        {
            _queue.AddAfter("a", TimeSpan.FromHours(2) - TimeSpan.FromMilliseconds(number));
        }

        // A timer for each would be more than 100 MiB.
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 32 << 20);
        _queue.AddAfter("b", TimeSpan.FromMilliseconds(1));
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        Assert.Equal("b", await _queue.TakeAsync(soon.Token));
    }

    public void Dispose() => _queue.Dispose();

    [Fact]
    public void Delays_double_up_to_the_bound_and_lie_between_half_and_all_of_it()
    {
        var backoff = new ExponentialBackoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        Assert.InRange(backoff.Delay(0), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1));
        Assert.InRange(backoff.Delay(3), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(8));
        Assert.InRange(backoff.Delay(1000), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));
    }
}
