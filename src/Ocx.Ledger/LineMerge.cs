using System.Runtime.CompilerServices;

namespace Ocx.Ledger;

/// <summary>A line that is read, and the record that it is or speaks of.</summary>
internal readonly record struct StoredLine(long Sequence, byte[] Line);

/// <summary>Puts the lines of a chain into the order in which they verify.</summary>
internal static class LineMerge
{
    /// <summary>Merges.</summary>
    /// <param name="stub">The stub, where there is one.</param>
    /// <param name="heads">The heads, by the number of their record.</param>
    /// <param name="records">The records.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async IAsyncEnumerable<byte[]> MergeAsync(
        StoredLine? stub,
        IAsyncEnumerable<StoredLine> heads,
        IAsyncEnumerable<StoredLine> records,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        IAsyncEnumerator<StoredLine> head = heads.GetAsyncEnumerator(cancellation);
        await using ConfiguredAsyncDisposable headEnd = head.ConfigureAwait(false);
        IAsyncEnumerator<StoredLine> record = records.GetAsyncEnumerator(cancellation);
        await using ConfiguredAsyncDisposable recordEnd = record.ConfigureAwait(false);
        bool isHead = await head.MoveNextAsync().ConfigureAwait(false);
        if (stub is { } dropped)
        {
            // Of dropped records there are only the heads that introduce keys, which the stub's signature may need.
            while (isHead && head.Current.Sequence <= dropped.Sequence)
            {
                yield return head.Current.Line;
                isHead = await head.MoveNextAsync().ConfigureAwait(false);
            }

            yield return dropped.Line;
        }

        while (await record.MoveNextAsync().ConfigureAwait(false))
        {
            while (isHead && head.Current.Sequence < record.Current.Sequence)
            {
                yield return head.Current.Line;
                isHead = await head.MoveNextAsync().ConfigureAwait(false);
            }

            yield return record.Current.Line;
        }

        while (isHead)
        {
            yield return head.Current.Line;
            isHead = await head.MoveNextAsync().ConfigureAwait(false);
        }
    }
}
