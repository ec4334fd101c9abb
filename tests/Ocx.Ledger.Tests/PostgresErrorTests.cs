using Npgsql;

namespace Ocx.Ledger.Tests;

public sealed class PostgresErrorTests(PostgresServer server)
{
    [Fact]
    public async Task What_is_wrong_is_said_with_what_to_do_and_never_the_password()
    {
        using var home = new PostgresHome(server);
        var right = new NpgsqlConnectionStringBuilder(home.Connection);
        string role = right.Username!;
        await RefusedAsync(home, server.For(role, role, "hunter2"), "look at user and password", "hunter2");
        await RefusedAsync(home, server.For(role, "nobody-there"), "look at user and password");
        await RefusedAsync(home, server.For("no-such", role), "make it with CREATE DATABASE");
        await RefusedAsync(home, "Host=/nonexistent;Username=a;Password=hunter2", "cannot be reached", "hunter2");
        await RefusedAsync(home, "Host=127.0.0.1;Port=1;Username=a;Password=hunter2", "cannot be reached", "hunter2");
        await RefusedAsync(home, "Host=h;Password=hunter2;hunter3=x", "want Host=", "hunter3");
        await RefusedAsync(home, "postgresql://a:hunter2@h/d", "want Host=", "hunter2");
        await RefusedAsync(home, "", "want Host=");
        PostgresServer.Execute(server.Administrator(), $"CREATE ROLE {role}_reader LOGIN PASSWORD 'hunter2'");
        string reader = server.For(role, $"{role}_reader", "hunter2");
        await RefusedAsync(home, reader, "GRANT the role", "hunter2");
        PostgresServer.Execute(server.Administrator(), $"ALTER ROLE {role} SET default_transaction_read_only = on");
        await RefusedAsync(home, home.Connection, "connect to the primary");
    }

    [Theory]
    [InlineData("Host=h", GssEncryptionMode.Disable)]
    [InlineData("Host=h;GSS Encryption Mode=Prefer", GssEncryptionMode.Prefer)]
    [InlineData("Host=h;gssencryptionmode=Require", GssEncryptionMode.Require)]
    public void Kerberos_is_looked_for_where_the_connection_string_says_so(string text, GssEncryptionMode mode) =>
        Assert.Equal(mode, new PostgresDatabase(() => text, "test").Settings().GssEncryptionMode);

    [Fact]
    public async Task The_least_rights_of_the_documents_suffice()
    {
        using var home = new PostgresHome(server);
        string database = new NpgsqlConnectionStringBuilder(home.Connection).Database!;
        await using (await home.OpenAsync())
        {
            // The owner has made the tables.
        }

        string page = await File.ReadAllTextAsync(
            Checkout.PathOf("docs", "audit.md"),
            TestContext.Current.CancellationToken
        );
        string grants = page[page.IndexOf("GRANT USAGE ON SCHEMA ocx_ledger", StringComparison.Ordinal)..];
        grants = grants[..grants.IndexOf("```", StringComparison.Ordinal)];
        string role = $"{database}_writer";
        PostgresServer.Execute(server.Administrator(), $"CREATE ROLE {role} LOGIN PASSWORD 'secret'");
        home.Execute(grants.Replace("ocx_auditor", role, StringComparison.Ordinal));
        PostgresLedgerOptions options = home.Options() with
        {
            ConnectionString = () => server.For(database, role, "secret"),
            Retention = new(MaxBytes: 10_000),
        };
        await using (PostgresLedger ledger = await PostgresHome.OpenAsync(options))
        {
            await PostgresHome.AppendAsync(ledger, 1, 100);
            Assert.Single(await ledger.Reader.TotalsAsync(TestContext.Current.CancellationToken));
            await ledger.ForgetTotalsAsync(new("shop", "orders", 1), TestContext.Current.CancellationToken);
        }

        LedgerReportHasDropped(await home.VerifyAsync());
        Assert.Throws<PostgresException>(() =>
            PostgresServer.Execute(server.For(database, role, "secret"), "UPDATE ocx_ledger.records SET call = 'x'")
        );
    }

    private static void LedgerReportHasDropped(Ocx.Audit.Ledger.LedgerReport report)
    {
        Assert.Empty(report.Problems);
        Assert.InRange(report.Chains[0].Dropped, 1, 99);
    }

    private static async Task RefusedAsync(PostgresHome home, string connection, string advice, string secret = "horse")
    {
        LedgerException refused = await Assert.ThrowsAsync<LedgerException>(() =>
            PostgresHome.OpenAsync(home.Options() with { ConnectionString = () => connection })
        );
        Assert.Contains(advice, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, refused.ToString(), StringComparison.Ordinal);
    }
}
