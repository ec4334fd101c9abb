using Npgsql;
using Ocx.Audit.Rehearsals;
using Ocx.State.Clones;
using Ocx.State.Postgres;
using Ocx.State.Tests.Servers;

namespace Ocx.State.Tests.Postgres;

[Collection(nameof(SharedSource))]
public sealed class EffectsTests(SharedSource shared) : IAsyncLifetime
{
    private const string Table = """
        CREATE TABLE orders (id int PRIMARY KEY, note text, paid bool);
        INSERT INTO orders SELECT i, NULL, false FROM generate_series(1, 1000) i;
        CREATE TRIGGER same BEFORE UPDATE ON orders FOR EACH ROW
        EXECUTE FUNCTION suppress_redundant_updates_trigger();
        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => shared.BeginAsync(Table);

    public ValueTask DisposeAsync() => shared.EndAsync();

    [Fact]
    public async Task What_a_shadow_does_is_told_with_old_and_new_values()
    {
        await using TakenClone clone = await shared.TakeAsync();
        Sql.Execute(clone.Address, "INSERT INTO orders VALUES (1001, 'it''s', true)");
        Sql.Execute(clone.Address, "UPDATE orders SET note = 'x' WHERE id = 1; DELETE FROM orders WHERE id = 2");
        Sql.Execute(clone.Address, "BEGIN; DELETE FROM orders; ROLLBACK");

        StateEffects effects = await clone.ReadEffectsAsync(Ct);
        Assert.Equal((1, 1, 1), (effects.RowsInserted, effects.RowsUpdated, effects.RowsDeleted));
        Assert.False(effects.SchemaChanged);
        Assert.False(effects.IsCut);
        Assert.InRange(effects.Lag, TimeSpan.Zero, TimeSpan.FromSeconds(60));
        Assert.Equal(
            [
                "public.orders insert - id=1001 note=it's paid=true",
                "public.orders update id=1 note= paid=false id=1 note=x paid=false",
                "public.orders delete id=2 note= paid=false -",
            ],
            effects.Changes.Select(Tell)
        );

        // Reading consumes nothing.
        Assert.Equal(effects.Changes.Count, (await clone.ReadEffectsAsync(Ct)).Changes.Count);
    }

    [Fact]
    public async Task A_clone_to_which_nothing_was_done_tells_nothing()
    {
        await using TakenClone clone = await shared.TakeAsync();
        Sql.Execute(clone.Address, "SELECT count(*) FROM orders; CREATE TEMP TABLE t AS SELECT 1 AS a");
        StateEffects effects = await clone.ReadEffectsAsync(Ct);
        Assert.Empty(effects.Changes);
        Assert.False(effects.SchemaChanged);
    }

    [Fact]
    public async Task What_happened_before_it_begins_is_forgotten()
    {
        await using TakenClone clone = await shared.TakeAsync();
        Sql.Execute(
            clone.Address,
            "CREATE TABLE mine (a int); INSERT INTO mine VALUES (1); TRUNCATE mine;"
                + "SET synchronous_commit = off; UPDATE orders SET note = 'at the start' WHERE id = 1"
        );
        await clone.BeginAsync(Ct);
        StateEffects effects = await clone.ReadEffectsAsync(Ct);
        Assert.Equal((0, 0, 0), (effects.RowsInserted, effects.RowsUpdated, effects.RowsTruncated));
        Assert.Empty(effects.Changes);
        Assert.False(effects.SchemaChanged);

        Sql.Execute(clone.Address, "UPDATE orders SET note = 'later' WHERE id = 1; INSERT INTO mine VALUES (2)");
        effects = await clone.ReadEffectsAsync(Ct);
        Assert.Equal(
            [
                "public.orders update id=1 note=at the start paid=false id=1 note=later paid=false",
                "public.mine insert - a=2",
            ],
            effects.Changes.Select(Tell)
        );
    }

    [Fact]
    public async Task The_rows_of_truncated_tables_are_counted()
    {
        await using TakenClone clone = await shared.TakeAsync();
        Sql.Execute(clone.Address, "INSERT INTO orders VALUES (-1); BEGIN; TRUNCATE orders; COMMIT");
        Sql.Execute(clone.Address, "INSERT INTO orders VALUES (1); TRUNCATE orders");
        StateEffects effects = await clone.ReadEffectsAsync(Ct);
        Assert.Equal((2, 1002), (effects.RowsInserted, effects.RowsTruncated));
        Assert.Equal(["insert", "truncate", "insert", "truncate"], effects.Changes.Select(change => change.Operation));
        Assert.Equal("1001", effects.Changes[1].Old![0].Value);
        Assert.False(effects.SchemaChanged);
    }

    [Fact]
    public async Task Counts_are_exact_when_the_list_is_cut()
    {
        await using TakenClone clone = await shared.TakeAsync();
        Sql.Execute(
            clone.Address,
            "UPDATE orders SET note = repeat('x', 5000); DELETE FROM orders WHERE id > 3;"
                + "INSERT INTO orders SELECT i FROM generate_series(2000, 21999) i"
        );
        StateEffects effects = await clone.ReadEffectsAsync(Ct);
        Assert.Equal((20_000, 1000, 997), (effects.RowsInserted, effects.RowsUpdated, effects.RowsDeleted));
        Assert.True(effects.IsCut);
        Assert.Equal(100, effects.Changes.Count);
        Assert.Equal(1001, effects.Changes[0].New![1].Value!.Length);
    }

    [Fact]
    public async Task Commits_that_do_not_wait_for_the_disk_are_told()
    {
        await using TakenClone clone = await shared.TakeAsync();
        Sql.Execute(clone.Address, "SET synchronous_commit = off; UPDATE orders SET paid = true");
        Assert.Equal(1000, (await clone.ReadEffectsAsync(Ct)).RowsUpdated);
    }

    [Theory]
    [InlineData("CREATE TABLE more (a int)")]
    [InlineData("ALTER TABLE orders ADD COLUMN more int DEFAULT 3")]
    [InlineData("ALTER TABLE orders ALTER paid SET NOT NULL")]
    [InlineData("DROP TABLE orders")]
    [InlineData("CREATE INDEX ON orders (paid)")]
    [InlineData("GRANT SELECT ON orders TO PUBLIC")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'")]
    [InlineData("ALTER TABLE orders DISABLE TRIGGER USER")]
    [InlineData("COMMENT ON TABLE orders IS 'nothing of this'", false)]
    [InlineData("TRUNCATE orders", false)]
    [InlineData("ANALYZE orders", false)]
    [InlineData("CREATE TEMP TABLE t (a int)", false)]
    public async Task A_change_of_the_schema_is_told(string statement, bool isChange = true)
    {
        await using var session = new NpgsqlConnection(shared.Server.Administrator());
        await session.OpenAsync(Ct);
        string before = await CatalogFingerprint.TakeAsync(session, Ct);
        await using NpgsqlTransaction transaction = await session.BeginTransactionAsync(Ct);
#pragma warning disable CA2100 // the test's own
        await using (var command = new NpgsqlCommand(statement, session, transaction))
#pragma warning restore CA2100
        {
            await command.ExecuteNonQueryAsync(Ct);
        }

        Assert.Equal(isChange, before != await CatalogFingerprint.TakeAsync(session, Ct));
        await transaction.RollbackAsync(Ct);
    }

    [Fact]
    public async Task Names_and_values_cannot_pass_for_other_changes()
    {
        const string Name = "\"table public.orders: DELETE: \"\"x\"\"\"";
        await using TakenClone clone = await shared.TakeAsync();
        Sql.Execute(
            clone.Address,
            $"CREATE TABLE {Name} (\"a]:'b\" text, \"c d\" int[]);"
                + $"INSERT INTO {Name} VALUES ('x'' new-tuple: id[integer]:1', ARRAY[1, NULL]);"
                + $"INSERT INTO {Name} VALUES (E'\\ntable public.orders: DELETE: id[integer]:1', NULL)"
        );
        StateEffects effects = await clone.ReadEffectsAsync(Ct);
        Assert.Equal((2, 0, 0), (effects.RowsInserted, effects.RowsUpdated, effects.RowsDeleted));
        Assert.Equal(
            [
                $"public.{Name} insert - a]:'b=x' new-tuple: id[integer]:1 c d={{1,NULL}}",
                $"public.{Name} insert - a]:'b=\ntable public.orders: DELETE: id[integer]:1 c d=",
            ],
            effects.Changes.Select(Tell)
        );
    }

    private static string Tell(StateChange change) =>
        $"{change.Target} {change.Operation} {Tell(change.Old)} {Tell(change.New)}";

    private static string Tell(IReadOnlyList<StateField>? fields) =>
        fields is null ? "-" : string.Join(' ', fields.Select(field => $"{field.Name}={field.Value}"));
}
