using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Ocx.State.Redis;

/// <summary>Gives the state before the keys that a clone has now, with the times at which they expire.</summary>
internal sealed class KeyCopies(RespConnection now, RespConnection before)
{
    private const int Batch = 100;

    /// <summary>Copies keys, and takes away those that are gone.</summary>
    /// <returns>Those that could not be copied: their values are too long.</returns>
    public async IAsyncEnumerable<KeyValuePair<RedisKey, string>> CopyAsync(
        IReadOnlyList<KeyValuePair<RedisKey, string>> keys,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        foreach (var database in keys.GroupBy(key => key.Key.Database))
        {
            string number = database.Key.ToString(CultureInfo.InvariantCulture);
            await now.AskAsync(cancellation, "SELECT", number).ConfigureAwait(false);
            await before.AskAsync(cancellation, "SELECT", number).ConfigureAwait(false);
            foreach (KeyValuePair<RedisKey, string>[] batch in database.Chunk(Batch))
            {
                bool[] done = await CopyBatchAsync([.. batch.Select(key => key.Key.Bytes)], cancellation)
                    .ConfigureAwait(false);
                foreach (KeyValuePair<RedisKey, string> left in batch.Where((_, i) => !done[i]))
                {
                    yield return left;
                }
            }
        }
    }

    private async Task<bool[]> CopyBatchAsync(byte[][] keys, CancellationToken cancellation)
    {
        RespValue[] values = await now.AskAllAsync(
                [
                    .. keys.SelectMany(key =>
                        new byte[][][] { ["PEXPIRETIME"u8.ToArray(), key], ["DUMP"u8.ToArray(), key] }
                    ),
                ],
                cancellation
            )
            .ConfigureAwait(false);
        byte[][]?[] commands = [.. keys.Select((key, i) => CopyOf(key, values[2 * i], values[(2 * i) + 1]))];
        var answers = new Queue<RespValue>(
            await before.AskAllAsync([.. commands.OfType<byte[][]>()], cancellation).ConfigureAwait(false)
        );
        return [.. commands.Select(command => command is not null && answers.Dequeue().Error is null)];
    }

    // RESTORE with the absolute time; without one that time is 0.
    private static byte[][]? CopyOf(byte[] key, RespValue expires, RespValue value) =>
        expires.Error is not null || value.Error is not null || value.IsCut ? null
        : value.Bytes is null ? ["DEL"u8.ToArray(), key]
        :
        [
            "RESTORE"u8.ToArray(),
            key,
            Encoding.ASCII.GetBytes(Math.Max(0, expires.Number).ToString(CultureInfo.InvariantCulture)),
            value.Bytes,
            "REPLACE"u8.ToArray(),
            "ABSTTL"u8.ToArray(),
        ];
}
