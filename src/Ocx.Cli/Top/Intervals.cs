using Ocx.Mcp.Records;

namespace Ocx.Cli.Top;

/// <summary>
/// Cuts a stream of calls into intervals by the clock, and tells of each; of the last, unfinished one when the stream
/// ends.
/// </summary>
internal sealed class Intervals(IAsyncEnumerable<RecordedCall> calls, TimeSpan every, bool once)
{
    /// <summary>Runs until the stream ends, or for one interval.</summary>
    public async Task RunAsync(Action<IReadOnlyList<ToolRow>> tell, CancellationToken cancellation)
    {
        var tally = new ToolTally();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        IAsyncEnumerator<RecordedCall> stream = calls.GetAsyncEnumerator(stop.Token);
        using var timer = new PeriodicTimer(every);
        Task<bool> next = stream.MoveNextAsync().AsTask(),
            over = timer.WaitForNextTickAsync(cancellation).AsTask();
        while (true)
        {
            await Task.WhenAny(next, over).ConfigureAwait(false);
            if (over.IsCompleted)
            {
                await over.ConfigureAwait(false);
                tell(tally.Take());
                if (once)
                {
                    await stop.CancelAsync().ConfigureAwait(false);
                    await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    break;
                }

                over = timer.WaitForNextTickAsync(cancellation).AsTask();
            }
            else if (!await next.ConfigureAwait(false))
            {
                tell(tally.Take());
                break;
            }
            else
            {
                tally.Add(stream.Current);
                next = stream.MoveNextAsync().AsTask();
            }
        }

        await stream.DisposeAsync().ConfigureAwait(false);
    }
}
