using System.Globalization;
using System.Text;
using Npgsql;
using Ocx.Audit.Rehearsals;
using Ocx.State.Clones;
using Ocx.State.Tests.Servers;

namespace Ocx.State.Tests.Postgres;

[Collection(nameof(SharedSource))]
public sealed class RandomWritesTests(SharedSource shared) : IAsyncLifetime
{
    private const string Weird = "\"we\"\"ird, .t:able\"";

    private const string Tables = $"""
        CREATE TABLE plain (id int PRIMARY KEY, a text, b numeric, c bool, d int[]);
        CREATE TABLE {Weird} ("k y" text, "v:al" bytea, bits bit varying, at timestamptz);
        CREATE TABLE parts (id int, a text, b bigint) PARTITION BY RANGE (id);
        CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (MINVALUE) TO (50);
        CREATE TABLE parts_high PARTITION OF parts FOR VALUES FROM (50) TO (MAXVALUE);
        INSERT INTO plain SELECT i, repeat('x', i), i / 3.0, i % 2 = 0, ARRAY[i, NULL] FROM generate_series(1, 50) i;
        INSERT INTO {Weird} SELECT 'k' || i, sha256(i::text::bytea), B'101', now() FROM generate_series(1, 50) i;
        INSERT INTO parts SELECT i, repeat(md5(i::text), 200), i FROM generate_series(1, 100) i;
        """;

    private static readonly Dictionary<string, string[]> s_columns = new()
    {
        ["public.plain"] = ["id", "a", "b", "c", "d"],
        [$"public.{Weird}"] = ["k y", "v:al", "bits", "at"],
        ["public.parts_low"] = ["id", "a", "b"],
        ["public.parts_high"] = ["id", "a", "b"],
    };

    private static readonly string[] s_texts =
    [
        "NULL",
        "''",
        "'it''s'",
        "'null'",
        "'a b[c]:d'",
        "E'line\\nbreak \\\\ tab\\t'",
        "' new-tuple: a[text]:''x'''",
        "repeat('toast', 3000)",
        "'ünïcødé 漢字'",
    ];

    public ValueTask InitializeAsync() => shared.BeginAsync(Tables);

    public ValueTask DisposeAsync() => shared.EndAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Effects_carried_out_on_the_dump_before_give_the_dump_after(int seed)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        var random = new Random(seed);
        await using TakenClone clone = await shared.TakeAsync(
            new CloneLimits { MaxChanges = 100_000, MaxValue = 100_000 }
        );
        Sql.Execute(clone.Address, Script(random, fresh: 5000)); // as a server may when it starts
        await clone.BeginAsync(ct);
        var state = Rows(clone);
        Sql.Execute(clone.Address, Script(random, fresh: 1000));
        StateEffects effects = await clone.ReadEffectsAsync(ct);

        long inserted = 0;
        long updated = 0;
        long deleted = 0;
        long truncated = 0;
        foreach (StateChange change in effects.Changes)
        {
            if (!state.TryGetValue(change.Target, out List<string>? rows))
            {
                Assert.Equal(("public.parts", null), (change.Target, change.Old)); // holds no rows itself
                continue;
            }

            switch (change.Operation)
            {
                case "truncate":
                    Assert.Equal(rows.Count, int.Parse(change.Old![0].Value!, CultureInfo.InvariantCulture));
                    truncated += rows.Count;
                    rows.Clear();
                    break;
                case "insert":
                    inserted++;
                    rows.Add(Row(change.New!));
                    break;
                case "update":
                    updated++;
                    Assert.True(rows.Remove(Row(change.Old!)), Row(change.Old!));
                    rows.Add(Row(change.New!));
                    break;
                default:
                    deleted++;
                    Assert.True(rows.Remove(Row(change.Old!)), Row(change.Old!));
                    break;
            }
        }

        foreach ((string table, List<string> rows) in Rows(clone))
        {
            Assert.Equal(rows.Order(StringComparer.Ordinal), state[table].Order(StringComparer.Ordinal));
        }

        Assert.Equal(
            (inserted, updated, deleted, truncated),
            (effects.RowsInserted, effects.RowsUpdated, effects.RowsDeleted, effects.RowsTruncated)
        );
        Assert.False(effects.IsCut);
        Assert.False(effects.SchemaChanged);
    }

    // Statements, some of them in transactions that are taken back in part or as a whole.
    private static string Script(Random random, int fresh)
    {
        var script = new StringBuilder();
        for (int i = 0; i < 60; i++)
        {
            string statement = Statement(random, fresh + i);
            string Next() => Statement(random, fresh + 1000 + i);
            script.Append(
                random.Next(8) switch
                {
                    0 => $"BEGIN; {statement}; {Next()}; ROLLBACK;",
                    1 => $"BEGIN; {statement}; SAVEPOINT s; {Next()}; ROLLBACK TO s; COMMIT;",
                    2 => $"BEGIN; {statement}; SAVEPOINT s; {Next()}; RELEASE s; COMMIT;",
                    _ => statement + ";",
                }
            );
        }

        return script.ToString();
    }

    private static string Statement(Random random, int fresh)
    {
        int id = random.Next(110);
        string text = s_texts[random.Next(s_texts.Length)];
        return random.Next(16) switch
        {
            0 => $"INSERT INTO plain VALUES ({fresh}, {text}, {id}.50, NULL, ARRAY[{id}])",
            1 => $"INSERT INTO plain VALUES ({id}, {text}) ON CONFLICT (id) DO UPDATE SET a = {text}, d = NULL",
            2 => $"UPDATE plain SET a = {text} WHERE id % 7 = {id % 7}",
            3 => $"UPDATE plain SET b = b + 1, c = NOT c WHERE id < {id}",
            4 => $"DELETE FROM plain WHERE id = {id}",
            5 => $"INSERT INTO {Weird} VALUES ({text}, '\\xdeadbeef', B'01', NULL), ({text}, NULL, NULL, now())",
            6 => $"UPDATE {Weird} SET \"k y\" = {text} WHERE \"k y\" LIKE '%{id % 10}'",
            7 => $"DELETE FROM {Weird} WHERE \"k y\" LIKE '%{id % 10}'",
            8 => $"INSERT INTO parts VALUES ({id}, {text}, {fresh})",
            9 => $"UPDATE parts SET b = b + 1 WHERE id = {id}",
            10 => $"UPDATE parts SET id = 100 - id WHERE id = {id}",
            11 => $"DELETE FROM parts WHERE id BETWEEN {id} AND {id + 3}",
            12 => $"INSERT INTO parts SELECT i, {text}, i FROM generate_series({id}, {id + 5}) i",
            13 when id < 20 => "TRUNCATE parts",
            14 when id < 20 => $"TRUNCATE {Weird}, plain",
            _ =>
                $"MERGE INTO plain p USING (VALUES ({id})) v (id) ON p.id = v.id WHEN MATCHED AND p.id > 5 THEN DELETE "
                    + $"WHEN MATCHED THEN UPDATE SET a = {text} WHEN NOT MATCHED THEN INSERT VALUES (v.id, {text})",
        };
    }

    private static Dictionary<string, List<string>> Rows(TakenClone clone)
    {
        using var connection = new NpgsqlConnection(Sql.Connection(clone.Address));
        connection.Open();
        var all = new Dictionary<string, List<string>>();
        foreach ((string table, string[] columns) in s_columns)
        {
            // "bool" is written "true" here and there, and not "t".
            string list = string.Join(", ", columns.Select(column => $"\"{column}\"::text"));
            using var command = new NpgsqlCommand($"SELECT {list} FROM {table}", connection);
            using NpgsqlDataReader reader = command.ExecuteReader();
            all[table] = [];
            while (reader.Read())
            {
                all[table]
                    .Add(
                        Row(
                            columns.Select(
                                (name, i) => new StateField(name, reader.IsDBNull(i) ? null : reader.GetString(i))
                            )
                        )
                    );
            }
        }

        return all;
    }

    private static string Row(IEnumerable<StateField> fields) =>
        string.Join('|', fields.Select(field => $"{field.Name}={field.Value ?? "(null)"}"));
}
