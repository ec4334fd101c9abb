using System.Globalization;
using Npgsql;
using Ocx.Audit.Rehearsals;
using Ocx.State.Clones;
using Ocx.State.Effects;

namespace Ocx.State.Postgres;

/// <summary>
/// Reads from a clone's log what has been committed in it. The clone counts; only the first changes come out of it,
/// each cut at a bound. Nothing is consumed by reading: it can be read again.
/// </summary>
/// <param name="session">A superuser's session in the shadow's database.</param>
/// <param name="schema">The schema in which this program notes what the log does not have.</param>
/// <param name="limits">The bounds.</param>
internal sealed class DecodedEffects(NpgsqlConnection session, string schema, CloneLimits limits)
{
    // A name has at most 63 bytes, each doubled at most, and two quotes.
    private const int LongestHead = 300;
    private const int LongestLine = 64 * 1024;

    // A line that names several tables, or is none of the three, is a TRUNCATE.
    private const string Everything = """
        WITH line AS MATERIALIZED (
          SELECT row_number() OVER () AS n, data
          FROM pg_logical_slot_peek_changes('%SLOT%', NULL, NULL, 'include-xids', '0', 'skip-empty-xacts', '1')
        ), change AS MATERIALIZED (
          SELECT n, regexp_match(left(data, %HEAD%),
            '^table ((?:"(?:[^"]|"")+"|[^".:,]+)\.(?:"(?:[^"]|"")+"|[^".:,]+)): (INSERT|UPDATE|DELETE):') AS m
          FROM line WHERE starts_with(data, 'table ')
        ), theirs AS MATERIALIZED (
          SELECT n, coalesce(m[2], 'TRUNCATE') AS operation
          FROM change WHERE m IS NULL OR m[1] <> '%SCHEMA%.truncated'
        )
        SELECT operation, count(*), NULL FROM theirs GROUP BY operation
        UNION ALL
        SELECT NULL, n, left(data, %LINE%)
        FROM (SELECT n, data FROM line JOIN theirs USING (n) ORDER BY n LIMIT %MOST%) AS first
        """;

    // Commits that did not wait for the log to be written are written with this one.
    private const string WriteAll = "SELECT FROM pg_logical_emit_message(true, 'ocx', '')";

    private readonly EffectsTally _tally = new(limits.MaxChanges);
    private readonly Dictionary<string, long> _counts = [];
    private readonly List<(long Number, string Line)> _lines = [];
    private readonly Dictionary<string, Queue<long>> _truncated = [];
    private readonly Dictionary<string, string[]?> _columns = [];
    private long _rowsTruncated;

    /// <summary>What has been committed so far is not read any more.</summary>
    public async Task ForgetAsync(CancellationToken cancellation)
    {
        await ExecuteAsync($"DELETE FROM {schema}.truncated", cancellation).ConfigureAwait(false);
        await ExecuteAsync(WriteAll, cancellation).ConfigureAwait(false);
        await ExecuteAsync(
                $"SELECT FROM pg_replication_slot_advance('{ClonePreparation.Slot}', pg_current_wal_flush_lsn())",
                cancellation
            )
            .ConfigureAwait(false);
    }

    /// <summary>Reads it.</summary>
    public async Task<StateEffects> ReadAsync(string source, bool schemaChanged, CancellationToken cancellation)
    {
        await ExecuteAsync(WriteAll, cancellation).ConfigureAwait(false);
        await ReadLinesAsync(cancellation).ConfigureAwait(false);
        await ReadTruncatedAsync(cancellation).ConfigureAwait(false);
        foreach ((_, string line) in _lines.OrderBy(each => each.Number))
        {
            foreach (StateChange change in DecodedChange.Read(line, limits.MaxFields, limits.MaxValue))
            {
                _tally.Add(await CompleteAsync(change, cancellation).ConfigureAwait(false));
            }
        }

        return new StateEffects
        {
            Source = source,
            Kind = StateKind.PostgreSql,
            RowsInserted = _counts.GetValueOrDefault("INSERT"),
            RowsUpdated = _counts.GetValueOrDefault("UPDATE"),
            RowsDeleted = _counts.GetValueOrDefault("DELETE"),
            RowsTruncated = _rowsTruncated,
            SchemaChanged = schemaChanged,
            Changes = _tally.Changes,
            IsCut = _tally.IsCut || _counts.Values.Sum() > _lines.Count,
        };
    }

    private async Task ReadLinesAsync(CancellationToken cancellation)
    {
        string text = Everything
            .Replace("%SLOT%", ClonePreparation.Slot, StringComparison.Ordinal)
            .Replace("%HEAD%", $"{LongestHead}", StringComparison.Ordinal)
            .Replace("%LINE%", $"{LongestLine}", StringComparison.Ordinal)
            .Replace("%SCHEMA%", schema, StringComparison.Ordinal)
            .Replace(
                "%MOST%",
                (limits.MaxChanges + 1).ToString(CultureInfo.InvariantCulture),
                StringComparison.Ordinal
            );
        await using NpgsqlCommand command = Command(text);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            if (reader.IsDBNull(0))
            {
                _lines.Add((reader.GetInt64(1), reader.GetString(2)));
            }
            else
            {
                _counts[reader.GetString(0)] = reader.GetInt64(1);
            }
        }
    }

    private async Task ReadTruncatedAsync(CancellationToken cancellation)
    {
        await using NpgsqlCommand command = Command($"SELECT relation, rows FROM {schema}.truncated ORDER BY ctid");
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            _rowsTruncated += reader.GetInt64(1);
            if (_truncated.Count < limits.MaxChanges)
            {
                string table = reader.GetString(0);
                _truncated.TryAdd(table, []);
                _truncated[table].Enqueue(reader.GetInt64(1));
            }
        }
    }

    // Columns that are NULL do not stand in the old row of a table whose rows are logged whole.
    private async Task<StateChange> CompleteAsync(StateChange change, CancellationToken cancellation)
    {
        if (change.Operation == "truncate" && _truncated.GetValueOrDefault(change.Target) is { Count: > 0 } rows)
        {
            string count = rows.Dequeue().ToString(CultureInfo.InvariantCulture);
            return change with { Old = [new StateField("rows", count)] };
        }

        if (change.Old is not { } old || await ColumnsAsync(change.Target, cancellation) is not { } columns)
        {
            return change;
        }

        Dictionary<string, string?> known = old.ToDictionary(field => field.Name, field => field.Value);
        return change with
        {
            Old =
            [
                .. columns
                    .Take(limits.MaxFields)
                    .Select(column => new StateField(column, known.GetValueOrDefault(column))),
            ],
        };
    }

    private async Task<string[]?> ColumnsAsync(string table, CancellationToken cancellation)
    {
        if (_columns.TryGetValue(table, out string[]? columns))
        {
            return columns;
        }

        await using NpgsqlCommand command = Command(
            """
            SELECT array_agg(a.attname::text ORDER BY a.attnum)
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            WHERE c.oid = to_regclass($1) AND c.relreplident = 'f' AND a.attnum > 0 AND NOT a.attisdropped
            """
        );
        command.Parameters.Add(new NpgsqlParameter { Value = table });
        columns = await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false) as string[];
        _columns[table] = columns;
        return columns;
    }

    private async Task ExecuteAsync(string text, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = Command(text);
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    private NpgsqlCommand Command(string text)
    {
#pragma warning disable CA2100 // this program's own
        return new NpgsqlCommand(text, session);
#pragma warning restore CA2100
    }
}
