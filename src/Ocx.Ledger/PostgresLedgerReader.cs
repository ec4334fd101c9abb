using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;

namespace Ocx.Ledger;

/// <summary>Reads all chains of a ledger in PostgreSQL.</summary>
internal sealed class PostgresLedgerReader(PostgresDatabase database) : LedgerReader
{
    // Lines that are held at once: some 250 KiB as a rule.
    private const int Page = 256;

    /// <inheritdoc/>
    private protected override async Task<byte[]?> LookUpAsync(string key, CancellationToken cancellation)
    {
        NpgsqlConnection connection = await database.OpenForReadingAsync(cancellation).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable end = connection.ConfigureAwait(false);
        const string Text = "SELECT line FROM ocx_ledger.records WHERE call = $1";
        List<byte[]> found = await ReadAsync(connection, Text, [key], Line, cancellation).ConfigureAwait(false);
        return found.FirstOrDefault();
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<byte[]> NewestLinesAsync(
        int count,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        NpgsqlConnection connection = await database.OpenForReadingAsync(cancellation).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable end = connection.ConfigureAwait(false);
        const string Newest = """
            SELECT name, sequence
            FROM ocx_ledger.chains CROSS JOIN LATERAL (
                SELECT sequence, time FROM ocx_ledger.records WHERE chain = name ORDER BY sequence DESC LIMIT $1
            ) AS newest
            ORDER BY time DESC, sequence DESC, name LIMIT $1
            """;
        List<(string Chain, long Sequence)> newest = await ReadAsync(
                connection,
                Newest,
                [count],
                row => (row.GetString(0), row.GetInt64(1)),
                cancellation
            )
            .ConfigureAwait(false);
        const string Text = """
            SELECT line
            FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS wanted (chain, sequence, place)
            JOIN ocx_ledger.records USING (chain, sequence)
            ORDER BY place
            """;
        foreach ((string Chain, long Sequence)[] page in newest.Chunk(Page))
        {
            object[] values = [page.Select(each => each.Chain).ToArray(), page.Select(each => each.Sequence).ToArray()];
            foreach (byte[] line in await ReadAsync(connection, Text, values, Line, cancellation).ConfigureAwait(false))
            {
                yield return line;
            }
        }
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<byte[]> LinesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        NpgsqlConnection connection = await database.OpenForReadingAsync(cancellation).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable end = connection.ConfigureAwait(false);

        // One instant for all that is read. It ends with the connection's use. Pages are read in the order of an index:
        // before the server has statistics, it would sort all that is left for each of them.
        const string Begin = """
            BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
            SET LOCAL enable_sort = off;
            SET LOCAL enable_bitmapscan = off;
            """;
        await ReadAsync(connection, Begin, [], Line, cancellation).ConfigureAwait(false);

        // What somebody put beside the list of chains is read too.
        const string Chains = """
            WITH RECURSIVE seen (name) AS (
                SELECT min(chain) FROM ocx_ledger.records
                UNION ALL SELECT (SELECT min(chain) FROM ocx_ledger.records WHERE chain > name)
                FROM seen WHERE name IS NOT NULL
            )
            SELECT name FROM seen WHERE name IS NOT NULL
            UNION SELECT chain FROM ocx_ledger.heads
            UNION SELECT chain FROM ocx_ledger.stubs
            ORDER BY 1
            """;
        List<string> chains = await ReadAsync(connection, Chains, [], row => row.GetString(0), cancellation)
            .ConfigureAwait(false);
        foreach (string chain in chains)
        {
            const string Stub = "SELECT sequence, line FROM ocx_ledger.stubs WHERE chain = $1";
            List<StoredLine> stub = await ReadAsync(
                    connection,
                    Stub,
                    [chain],
                    row => new StoredLine(row.GetInt64(0), row.GetFieldValue<byte[]>(1)),
                    cancellation
                )
                .ConfigureAwait(false);
            IAsyncEnumerable<byte[]> lines = LineMerge.MergeAsync(
                stub.Count > 0 ? stub[0] : null,
                PagesAsync(
                    connection,
                    """
                    SELECT id, sequence, line FROM ocx_ledger.heads WHERE chain = $1 AND id > $2 ORDER BY id LIMIT $3
                    """,
                    chain,
                    cancellation
                ),
                PagesAsync(
                    connection,
                    """
                    SELECT sequence, sequence, line FROM ocx_ledger.records
                    WHERE chain = $1 AND sequence > $2 ORDER BY sequence LIMIT $3
                    """,
                    chain,
                    cancellation
                ),
                cancellation
            );
            await foreach (byte[] line in lines.ConfigureAwait(false))
            {
                yield return line;
            }
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<IReadOnlyList<AuditTotals>> TotalsAsync(CancellationToken cancellation)
    {
        NpgsqlConnection connection = await database.OpenForReadingAsync(cancellation).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable end = connection.ConfigureAwait(false);
        const string Text = """
            SELECT namespace, audit, kind, detail, sum(count)::bigint FROM ocx_ledger.totals GROUP BY 1, 2, 3, 4
            """;
        return TotalKey.Gather(
            await ReadAsync(
                    connection,
                    Text,
                    [],
                    row =>
                        (
                            new TotalKey(
                                row.GetString(0),
                                row.GetString(1),
                                (TotalKind)row.GetInt32(2),
                                row.GetString(3)
                            ),
                            row.GetInt64(4)
                        ),
                    cancellation
                )
                .ConfigureAwait(false)
        );
    }

    /// <inheritdoc/>
    private protected override LedgerException Damaged(string why, Exception? inner) =>
        database.Damaged("of a record", why, inner);

    private static byte[] Line(NpgsqlDataReader row) => row.GetFieldValue<byte[]>(0);

    private async IAsyncEnumerable<StoredLine> PagesAsync(
        NpgsqlConnection connection,
        string text,
        string chain,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        long last = long.MinValue;
        while (true)
        {
            List<(long Place, StoredLine Line)> page = await ReadAsync(
                    connection,
                    text,
                    [chain, last, Page],
                    row => (row.GetInt64(0), new StoredLine(row.GetInt64(1), row.GetFieldValue<byte[]>(2))),
                    cancellation
                )
                .ConfigureAwait(false);
            foreach ((long _, StoredLine line) in page)
            {
                yield return line;
            }

            if (page.Count < Page)
            {
                yield break;
            }

            last = page[^1].Place;
        }
    }

    private async Task<List<T>> ReadAsync<T>(
        NpgsqlConnection connection,
        string text,
        object[] values,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancellation
    )
    {
        try
        {
#pragma warning disable CA2100 // constants of this file
            var command = new NpgsqlCommand(text, connection);
#pragma warning restore CA2100
            await using ConfiguredAsyncDisposable commandEnd = command.ConfigureAwait(false);
            foreach (object value in values)
            {
                command.Parameters.Add(new NpgsqlParameter { Value = value });
            }

            NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
            await using ConfiguredAsyncDisposable readerEnd = reader.ConfigureAwait(false);
            var rows = new List<T>();
            while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
            {
                rows.Add(read(reader));
            }

            return rows;
        }
        catch (Exception error)
        {
            Exception told = database.Explain(error);
            if (told == error)
            {
                throw;
            }

            throw told;
        }
    }
}
