using System.Runtime.CompilerServices;
using Ocx.Mcp.Records;

namespace Ocx.Cli.Observe;

/// <summary>Puts the calls of several finished logs into the order of time in which they ended.</summary>
internal static class CallOrder
{
    /// <summary>Merges what is finished: always the earliest of what stands at the heads.</summary>
    public static async IAsyncEnumerable<RecordedCall> MergeAsync(
        IReadOnlyList<IAsyncEnumerable<RecordedCall>> sources,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var heads = new PriorityQueue<IAsyncEnumerator<RecordedCall>, DateTimeOffset>();
        IAsyncEnumerator<RecordedCall>[] all = [.. sources.Select(source => source.GetAsyncEnumerator(cancellation))];
        try
        {
            foreach (IAsyncEnumerator<RecordedCall> source in all)
            {
                await AdvanceAsync(source).ConfigureAwait(false);
            }

            while (heads.TryDequeue(out IAsyncEnumerator<RecordedCall>? earliest, out _))
            {
                yield return earliest.Current;
                await AdvanceAsync(earliest).ConfigureAwait(false);
            }
        }
        finally
        {
            foreach (IAsyncEnumerator<RecordedCall> source in all)
            {
                await source.DisposeAsync().ConfigureAwait(false);
            }
        }

        async Task AdvanceAsync(IAsyncEnumerator<RecordedCall> source)
        {
            if (await source.MoveNextAsync().ConfigureAwait(false))
            {
                heads.Enqueue(source, source.Current.EndTime);
            }
        }
    }
}
