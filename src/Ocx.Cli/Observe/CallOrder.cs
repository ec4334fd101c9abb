using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Ocx.Cli.Calls;

namespace Ocx.Cli.Observe;

/// <summary>Puts the calls of several nodes into the order of time in which they ended.</summary>
internal static class CallOrder
{
    // Long enough for what nodes write at the same time to arrive, and too short for a person to mind.
    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(100);

    private const int MostHeld = 16_384;

    /// <summary>Merges what is finished: always the earliest of what stands at the heads.</summary>
    public static async IAsyncEnumerable<Call> MergeAsync(IReadOnlyList<IAsyncEnumerable<Call>> sources, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var heads = new PriorityQueue<IAsyncEnumerator<Call>, DateTimeOffset>();
        IAsyncEnumerator<Call>[] all = [.. sources.Select(source => source.GetAsyncEnumerator(cancellation))];
        try
        {
            foreach (IAsyncEnumerator<Call> source in all)
            {
                await AdvanceAsync(source).ConfigureAwait(false);
            }

            while (heads.TryDequeue(out IAsyncEnumerator<Call>? earliest, out _))
            {
                yield return earliest.Current;
                await AdvanceAsync(earliest).ConfigureAwait(false);
            }
        }
        finally
        {
            foreach (IAsyncEnumerator<Call> source in all)
            {
                await source.DisposeAsync().ConfigureAwait(false);
            }
        }

        async Task AdvanceAsync(IAsyncEnumerator<Call> source)
        {
            if (await source.MoveNextAsync().ConfigureAwait(false))
            {
                heads.Enqueue(source, source.Current.EndTime);
            }
        }
    }

    /// <summary>Holds what arrives for a moment, for what ended earlier and arrives later.</summary>
    public static async IAsyncEnumerable<Call> SettleAsync(ChannelReader<Call> calls, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var held = new PriorityQueue<Call, DateTimeOffset>();
        while (await calls.WaitToReadAsync(cancellation).ConfigureAwait(false))
        {
            await Task.Delay(s_delay, cancellation).ConfigureAwait(false);
            while (held.Count < MostHeld && calls.TryRead(out Call? call))
            {
                held.Enqueue(call, call.EndTime);
            }

            while (held.TryDequeue(out Call? earliest, out _))
            {
                yield return earliest;
            }
        }
    }
}
