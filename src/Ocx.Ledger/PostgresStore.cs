using System.Data;
using Npgsql;
using Ocx.Audit.Ledger;

namespace Ocx.Ledger;

/// <summary>A chain in PostgreSQL, which an advisory lock of its session keeps for one process.</summary>
internal sealed class PostgresStore(PostgresSession session, string chain, Action? end = null) : ILedgerStore
{
    /// <inheritdoc/>
    public string Chain => chain;

    /// <inheritdoc/>
    public bool Renew() => session.Renew();

    /// <inheritdoc/>
    public void Commit(Action write)
    {
        try
        {
            // The default of a role or a database may be another level, at which what others write meanwhile is hidden.
            using NpgsqlTransaction transaction = session.Connection.BeginTransaction(IsolationLevel.ReadCommitted);
            write();
            transaction.Commit();
        }
        catch (PostgresException error)
            when (error.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure)
        {
            throw new WriteAgainException();
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.ReadOnlySqlTransaction)
        {
            session.Connection.Close(); // another server may be the primary now
            throw;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, byte[]> Find(IReadOnlyCollection<string> calls)
    {
        using NpgsqlCommand command = Command(
            "SELECT call, line FROM ocx_ledger.records WHERE call = ANY($1)",
            (object)calls.ToArray()
        );
        using NpgsqlDataReader reader = command.ExecuteReader();
        var found = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        while (reader.Read())
        {
            found[reader.GetString(0)] = reader.GetFieldValue<byte[]>(1);
        }

        return found;
    }

    /// <inheritdoc/>
    public void Add(IReadOnlyList<NewRecord> records)
    {
        // All writers take calls in one order, so that none waits for another that waits for it.
        NewRecord[] sorted = [.. records.OrderBy(record => record.Entry.Intent.Key, StringComparer.Ordinal)];
        using NpgsqlCommand command = Command(
            """
            INSERT INTO ocx_ledger.records (chain, sequence, call, time, line)
            SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::bytea[])
            ON CONFLICT ON CONSTRAINT records_by_call DO NOTHING
            """,
            chain,
            sorted.Select(record => record.Line.Position.Sequence).ToArray(),
            sorted.Select(record => record.Entry.Intent.Key).ToArray(),
            sorted.Select(record => record.Entry.Time.ToUnixTimeMilliseconds()).ToArray(),
            sorted.Select(record => record.Line.Bytes.ToArray()).ToArray()
        );
        if (command.ExecuteNonQuery() != sorted.Length)
        {
            throw new WriteAgainException();
        }

        Run(
            "UPDATE ocx_ledger.chains SET bytes = bytes + $2 WHERE name = $1",
            chain,
            sorted.Sum(record => (long)record.Line.Bytes.Length)
        );
    }

    /// <inheritdoc/>
    public void AddHead(LedgerLine line, bool introduces)
    {
        Run("INSERT INTO ocx_ledger.chains (name, bytes) VALUES ($1, 0) ON CONFLICT DO NOTHING", chain);
        Run(
            "INSERT INTO ocx_ledger.heads (chain, sequence, introduces, line) VALUES ($1, $2, $3, $4)",
            chain,
            line.Position.Sequence,
            introduces,
            line.Bytes.ToArray()
        );
    }

    /// <inheritdoc/>
    public void AddTotals(IReadOnlyDictionary<TotalKey, long> counts) =>
        Run(
            """
            INSERT INTO ocx_ledger.totals (chain, namespace, audit, kind, detail, count)
            SELECT $1, * FROM unnest($2::text[], $3::text[], $4::integer[], $5::text[], $6::bigint[])
            ON CONFLICT (chain, namespace, audit, kind, detail) DO UPDATE SET count = totals.count + excluded.count
            """,
            chain,
            counts.Keys.Select(key => key.Namespace).ToArray(),
            counts.Keys.Select(key => key.Audit).ToArray(),
            counts.Keys.Select(key => (int)key.Kind).ToArray(),
            counts.Keys.Select(key => key.Detail).ToArray(),
            counts.Values.ToArray()
        );

    /// <inheritdoc/>
    public void ForgetTotals(AuditReference audit) =>
        Run(
            "DELETE FROM ocx_ledger.totals WHERE namespace = $1 AND audit = $2",
            TotalsCounter.Name(audit.Namespace),
            TotalsCounter.Name(audit.Name)
        );

    /// <inheritdoc/>
    public IReadOnlyList<TotalKey> Totals(TotalKind kind)
    {
        using NpgsqlCommand command = Command(
            "SELECT namespace, audit, detail FROM ocx_ledger.totals WHERE chain = $1 AND kind = $2",
            chain,
            (int)kind
        );
        using NpgsqlDataReader reader = command.ExecuteReader();
        var keys = new List<TotalKey>();
        while (reader.Read())
        {
            keys.Add(new TotalKey(reader.GetString(0), reader.GetString(1), kind, reader.GetString(2)));
        }

        return keys;
    }

    /// <inheritdoc/>
    public byte[]? Record(long sequence) =>
        Line("SELECT line FROM ocx_ledger.records WHERE chain = $1 AND sequence = $2", chain, sequence);

    /// <inheritdoc/>
    public byte[]? LastRecord() =>
        Line("SELECT line FROM ocx_ledger.records WHERE chain = $1 ORDER BY sequence DESC LIMIT 1", chain);

    /// <inheritdoc/>
    public byte[]? LastHead() =>
        Line("SELECT line FROM ocx_ledger.heads WHERE chain = $1 ORDER BY id DESC LIMIT 1", chain);

    /// <inheritdoc/>
    public byte[]? Stub() => Line("SELECT line FROM ocx_ledger.stubs WHERE chain = $1", chain);

    /// <inheritdoc/>
    public long OlderThan(DateTimeOffset time, int most)
    {
        using NpgsqlCommand command = Command(
            "SELECT sequence, time FROM ocx_ledger.records WHERE chain = $1 ORDER BY sequence LIMIT $2",
            chain,
            most
        );
        using NpgsqlDataReader oldest = command.ExecuteReader();
        long last = 0;
        while (oldest.Read() && oldest.GetInt64(1) < time.ToUnixTimeMilliseconds())
        {
            last = oldest.GetInt64(0);
        }

        return last;
    }

    /// <inheritdoc/>
    public long Oldest(int most)
    {
        using NpgsqlCommand command = Command(
            """
            SELECT max(sequence)
            FROM (SELECT sequence FROM ocx_ledger.records WHERE chain = $1 ORDER BY sequence LIMIT $2) AS oldest
            """,
            chain,
            most
        );
        return command.ExecuteScalar() as long? ?? 0;
    }

    /// <summary>Together the chains have so much; the one with the oldest record drops some.</summary>
    public bool IsTooLarge(long mostBytes)
    {
        using NpgsqlCommand command = Command(
            """
            SELECT (SELECT sum(bytes) FROM ocx_ledger.chains) > $2 AND NOT EXISTS (
                SELECT FROM ocx_ledger.chains AS others CROSS JOIN LATERAL (
                    SELECT time FROM ocx_ledger.records WHERE chain = others.name ORDER BY sequence LIMIT 1
                ) AS oldest
                WHERE others.name <> $1 AND oldest.time < (
                    SELECT time FROM ocx_ledger.records WHERE chain = $1 ORDER BY sequence LIMIT 1
                )
            )
            """,
            chain,
            mostBytes
        );
        return command.ExecuteScalar() is true;
    }

    /// <inheritdoc/>
    public void Drop(LedgerLine stub)
    {
        long last = stub.Position.Sequence;
        Run(
            """
            WITH gone AS (
                DELETE FROM ocx_ledger.records WHERE chain = $1 AND sequence <= $2 RETURNING octet_length(line) AS bytes
            )
            UPDATE ocx_ledger.chains SET bytes = bytes - (SELECT coalesce(sum(bytes), 0) FROM gone) WHERE name = $1
            """,
            chain,
            last
        );
        Run(
            """
            DELETE FROM ocx_ledger.heads WHERE chain = $1 AND sequence <= $2 AND NOT introduces
                AND id < (SELECT max(id) FROM ocx_ledger.heads WHERE chain = $1)
            """,
            chain,
            last
        );
        Run(
            """
            INSERT INTO ocx_ledger.stubs (chain, sequence, line) VALUES ($1, $2, $3)
            ON CONFLICT (chain) DO UPDATE SET sequence = excluded.sequence, line = excluded.line
            """,
            chain,
            last,
            stub.Bytes.ToArray()
        );
    }

    /// <summary>The server's autovacuum does it.</summary>
    public void Tidy() { }

    /// <inheritdoc/>
    public IEnumerable<ILedgerStore> Abandoned()
    {
        foreach (string other in Others())
        {
            if (session.TryLock(other, TimeSpan.Zero))
            {
                yield return new PostgresStore(session, other, () => session.Unlock(other));
            }
        }
    }

    /// <inheritdoc/>
    public Exception Explain(Exception error) => session.Database.Explain(error);

    /// <inheritdoc/>
    public LedgerException Damaged(string why, Exception? inner) => session.Database.Damaged(chain, why, inner);

    /// <inheritdoc/>
    public LedgerException SignedByAnother(string signer, string key) =>
        new(
            $"the chain {chain} is signed by key {signer}, and not by key {key}: "
                + "give the old key as the previous one, or this replica another name"
        );

    /// <inheritdoc/>
    public void Dispose()
    {
        if (end is not null)
        {
            end();
        }
        else
        {
            session.Dispose();
        }
    }

    private List<string> Others()
    {
        using NpgsqlCommand command = Command(
            """
            SELECT name FROM ocx_ledger.chains
            WHERE name <> $1 AND EXISTS (SELECT FROM ocx_ledger.records WHERE chain = name)
            """,
            chain
        );
        using NpgsqlDataReader reader = command.ExecuteReader();
        var others = new List<string>();
        while (reader.Read())
        {
            others.Add(reader.GetString(0));
        }

        return others;
    }

    private byte[]? Line(string text, params ReadOnlySpan<object> values)
    {
        using NpgsqlCommand command = Command(text, values);
        return command.ExecuteScalar() as byte[];
    }

    private void Run(string text, params ReadOnlySpan<object> values)
    {
        using NpgsqlCommand command = Command(text, values);
        command.ExecuteNonQuery();
    }

    private NpgsqlCommand Command(string text, params ReadOnlySpan<object> values)
    {
#pragma warning disable CA2100 // constants of this file
        var command = new NpgsqlCommand(text, session.Connection);
#pragma warning restore CA2100
        foreach (object value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }
}
