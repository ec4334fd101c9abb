using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ocx.Audit.Rehearsals;
using Ocx.State.Clones;
using Ocx.State.Effects;

namespace Ocx.State.Redis;

/// <summary>
/// Compares keys of a clone with the state before: by the server's own digest, which does not depend on how a value is
/// stored, and by the time at which they expire. What has expired in both is no difference.
/// </summary>
internal sealed class KeyComparison(RespConnection now, RespConnection before, CloneLimits limits)
{
    private const int Batch = 500;
    private static readonly byte[] s_scanCount = "1000"u8.ToArray();

    private readonly EffectsTally _tally = new(limits.MaxChanges);

    // A SCAN may give a key twice, while the server makes its table larger or smaller. By database.
    private readonly HashSet<UInt128> _counted = [];
    private int _database = -1;

    /// <summary>Keys that are new or another than before.</summary>
    public long Written { get; private set; }

    /// <summary>Keys that are gone.</summary>
    public long Deleted { get; private set; }

    /// <summary>The first differences.</summary>
    public EffectsTally Tally => _tally;

    /// <summary>Compares keys.</summary>
    /// <param name="keys">The keys, and the last command that had to do with each.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task CompareAsync(IEnumerable<KeyValuePair<RedisKey, string>> keys, CancellationToken cancellation)
    {
        foreach (var database in keys.GroupBy(key => key.Key.Database))
        {
            await SelectAsync(database.Key, cancellation).ConfigureAwait(false);
            foreach (KeyValuePair<RedisKey, string>[] batch in database.Chunk(Batch))
            {
                await CompareBatchAsync(
                        [.. batch.Select(key => (key.Key.Bytes, key.Value))],
                        onlyNew: false,
                        cancellation
                    )
                    .ConfigureAwait(false);
            }
        }
    }

    /// <summary>Compares all keys of a database: those of before, then those that are there now only.</summary>
    public async Task CompareWholeAsync(int database, string command, CancellationToken cancellation)
    {
        await SelectAsync(database, cancellation).ConfigureAwait(false);
        if (await IsEmptiedAsync(database, command, cancellation).ConfigureAwait(false))
        {
            return;
        }

        await foreach (byte[][] keys in ScanAsync(before, cancellation).ConfigureAwait(false))
        {
            await CompareBatchAsync([.. keys.Select(key => (key, command))], onlyNew: false, cancellation)
                .ConfigureAwait(false);
        }

        await foreach (byte[][] keys in ScanAsync(now, cancellation).ConfigureAwait(false))
        {
            await CompareBatchAsync([.. keys.Select(key => (key, command))], onlyNew: true, cancellation)
                .ConfigureAwait(false);
        }
    }

    // The usual end of a FLUSHALL: nothing is left, and nothing of before could have expired by itself.
    private async Task<bool> IsEmptiedAsync(int database, string command, CancellationToken cancellation)
    {
        RedisInfo old = await RedisInfo.AskAsync(before, "keyspace", cancellation).ConfigureAwait(false);
        string name = string.Create(CultureInfo.InvariantCulture, $"db{database}");
        RespValue left = await now.AskAsync(cancellation, "DBSIZE").ConfigureAwait(false);
        if (left.Number > 0 || !old[name].Contains(",expires=0,", StringComparison.Ordinal))
        {
            return false;
        }

        Deleted += (await before.AskAsync(cancellation, "DBSIZE").ConfigureAwait(false)).Number;
        await foreach (byte[][] keys in ScanAsync(before, cancellation).ConfigureAwait(false))
        {
            foreach (byte[] key in keys)
            {
                await ListAsync(key, command, cancellation).ConfigureAwait(false);
                if (_tally.IsCut)
                {
                    return true;
                }
            }
        }

        return true;
    }

    private async Task CompareBatchAsync(
        (byte[] Key, string Command)[] keys,
        bool onlyNew,
        CancellationToken cancellation
    )
    {
        // First now, then before: what expires in between is seen below.
        KeyState[] current = await AskAsync(now, keys, cancellation).ConfigureAwait(false);
        KeyState[] old = await AskAsync(before, keys, cancellation).ConfigureAwait(false);
        for (int i = 0; i < keys.Length; i++)
        {
            if (current[i] == old[i] || (onlyNew && old[i].IsThere))
            {
                continue;
            }

            if (current[i].Expires > 0 && !old[i].IsThere)
            {
                current[i] = (await AskAsync(now, [keys[i]], cancellation).ConfigureAwait(false))[0];
            }

            if (!current[i].IsThere && !old[i].IsThere)
            {
                continue; // it has expired
            }

            if (!_counted.Add(Hash(keys[i].Key)))
            {
                continue;
            }

            if (current[i].IsThere)
            {
                Written++;
            }
            else
            {
                Deleted++;
            }

            await ListAsync(keys[i].Key, keys[i].Command, cancellation).ConfigureAwait(false);
        }
    }

    private async Task ListAsync(byte[] key, string command, CancellationToken cancellation)
    {
        if (!_tally.HasRoom)
        {
            _tally.Cut();
            return;
        }

        _tally.Add(
            new StateChange
            {
                Target = ValueText.Of(key, limits.MaxValue),
                Operation = ValueText.Cut(command.ToLowerInvariant(), limits.MaxValue),
                Old = await KeyValues.ReadAsync(before, key, limits, cancellation).ConfigureAwait(false),
                New = await KeyValues.ReadAsync(now, key, limits, cancellation).ConfigureAwait(false),
            }
        );
    }

    private static async Task<KeyState[]> AskAsync(
        RespConnection server,
        (byte[] Key, string Command)[] keys,
        CancellationToken cancellation
    )
    {
        // The digest of a stream leaves out its groups of consumers, so that of streams is of all that is stored.
        RespValue[] answers = await server
            .AskAllAsync(
                [
                    .. keys.SelectMany(key =>
                        new byte[][][]
                        {
                            ["PEXPIRETIME"u8.ToArray(), key.Key],
                            key.Command.StartsWith('X')
                                ? ["DUMP"u8.ToArray(), key.Key]
                                : ["DEBUG"u8.ToArray(), "DIGEST-VALUE"u8.ToArray(), key.Key],
                        }
                    ),
                ],
                cancellation
            )
            .ConfigureAwait(false);
        return
        [
            .. answers
                .Chunk(2)
                .Select(pair =>
                    pair[0].Error is { } error ? throw new RespException(error)
                    : pair[1].Error is { } other ? throw new RespException(other)
                    : pair[0].Number == -2 ? new KeyState(false, 0, string.Empty)
                    : new KeyState(
                        true,
                        pair[0].Number,
                        pair[1].IsCut ? Guid.NewGuid().ToString() // too long to be compared: it was written to
                            : pair[1].Items is [var digest] ? digest.Text
                            : pair[1].Text
                    )
                ),
        ];
    }

    private async Task SelectAsync(int database, CancellationToken cancellation)
    {
        if (_database != database)
        {
            string number = database.ToString(CultureInfo.InvariantCulture);
            await now.AskAsync(cancellation, "SELECT", number).ConfigureAwait(false);
            await before.AskAsync(cancellation, "SELECT", number).ConfigureAwait(false);
            _database = database;
            _counted.Clear();
        }
    }

    private static UInt128 Hash(byte[] key) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(key));

    private static async IAsyncEnumerable<byte[][]> ScanAsync(
        RespConnection server,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation
    )
    {
        byte[] cursor = "0"u8.ToArray();
        do
        {
            RespValue answer = (
                await server
                    .AskAllAsync(
                        [
                            ["SCAN"u8.ToArray(), cursor, "COUNT"u8.ToArray(), s_scanCount],
                        ],
                        cancellation
                    )
                    .ConfigureAwait(false)
            )[0];
            if (
                answer.Error is not null
                || answer.IsCut
                || answer.Items is not [{ Bytes: { } next }, { Items: { } keys }]
            )
            {
                throw new IOException("the keys of the clone cannot be listed");
            }

            foreach (RespValue[] batch in keys.Chunk(Batch))
            {
                yield return [.. batch.Select(key => key.Bytes!)];
            }

            cursor = next;
        } while (Encoding.ASCII.GetString(cursor) != "0");
    }

    private readonly record struct KeyState(bool IsThere, long Expires, string Digest);
}
