using Npgsql;
using Ocx.State.Clones;
using Ocx.State.Postgres;
using Ocx.State.Processes;
using Ocx.State.Tests.Servers;

namespace Ocx.State.Tests.Postgres;

[Collection(nameof(SharedSource))]
public sealed class IsolationTests(SharedSource shared) : IAsyncLifetime
{
    public ValueTask InitializeAsync() =>
        shared.BeginAsync("CREATE TABLE orders (id int); INSERT INTO orders VALUES (1)");

    public ValueTask DisposeAsync() => shared.EndAsync();

    [Fact]
    public async Task Nothing_of_the_source_is_in_a_taken_clones_files_and_environment()
    {
        // What the source's configuration and its ALTER SYSTEM say is not taken over.
        shared.Server.Execute("ALTER SYSTEM SET archive_command = 'touch /tmp/never'");
        await using TakenClone clone = await shared.TakeAsync();
        string folder = Assert.Single(Directory.GetDirectories(shared.Folder));
        string password = shared.Server.Source.Password;
        foreach (string path in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(path).StartsWith(".s.", StringComparison.Ordinal))
            {
                continue; // a socket
            }

            string text = TextOf(path);
            Assert.DoesNotContain(password, text);
            Assert.DoesNotContain(password.Replace(@"\", @"\\"), text);
        }

        foreach (int process in FolderProcesses.Find(folder))
        {
            Assert.DoesNotContain(password, TextOf($"/proc/{process}/environ"));
            Assert.DoesNotContain(password, TextOf($"/proc/{process}/cmdline"));
        }

        Assert.Equal(0, new FileInfo(Path.Combine(folder, "data", "postgresql.auto.conf")).Length);
        Assert.False(File.Exists(Path.Combine(folder, "data", "pg_hba.conf")));
        shared.Server.Execute("ALTER SYSTEM RESET archive_command");
    }

    [Fact]
    public async Task The_shadows_role_has_the_clones_password_and_that_alone()
    {
        await using TakenClone clone = await shared.TakeAsync();
        CloneAddress at = clone.Address;
        Sql.Execute(at, "DELETE FROM orders");
        Assert.Equal("28P01", Sql.Fails(at with { Password = "of the real server" }, "SELECT 1"));
        Assert.Equal("28000", Sql.Fails(at with { Role = "postgres" }, "SELECT 1"));
        Assert.Equal("28000", Sql.Fails(at with { Database = "postgres" }, "SELECT 1"));
        Assert.DoesNotContain(at.Password, at.ToString());
    }

    [Fact]
    public async Task A_shadow_does_not_get_out_of_its_clone()
    {
        await using TakenClone clone = await shared.TakeAsync();
        string[] statements =
        [
            "COPY orders TO PROGRAM 'id'",
            "COPY orders FROM '/etc/passwd'",
            "SELECT pg_read_file('postgresql.conf')",
            "SHOW primary_conninfo",
            "SELECT pg_drop_replication_slot('ocx')",
            "ALTER SYSTEM SET fsync = on",
            "ALTER ROLE shop SUPERUSER",
            "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1' PUBLICATION p",
        ];
        Assert.All(statements, statement => Assert.Equal("42501", Sql.Fails(clone.Address, statement)));
    }

    [Fact]
    public async Task Functions_that_connect_elsewhere_are_not_loaded()
    {
        shared.Server.Execute("CREATE EXTENSION dblink; CREATE EXTENSION postgres_fdw; CREATE EXTENSION pgcrypto");
        try
        {
            await using TakenClone clone = await shared.TakeAsync();
            Sql.Execute(clone.Address, "SELECT digest('a', 'sha256')");
            Assert.Equal("58P01", Sql.Fails(clone.Address, "SELECT dblink_connect('host=127.0.0.1')"));
        }
        finally
        {
            shared.Server.Execute("DROP EXTENSION dblink; DROP EXTENSION postgres_fdw; DROP EXTENSION pgcrypto");
        }
    }

    [Theory]
    [InlineData("SUPERUSER", "NOSUPERUSER")]
    [InlineData("CREATEROLE", "NOCREATEROLE")]
    [InlineData("REPLICATION", "NOREPLICATION")]
    public async Task A_role_that_could_leave_the_clone_is_refused(string right, string without)
    {
        shared.Server.Execute($"ALTER ROLE shop {right}");
        try
        {
            await using var session = new NpgsqlConnection(shared.Server.Administrator());
            await session.OpenAsync(TestContext.Current.CancellationToken);
            CloneException error = await Assert.ThrowsAsync<CloneException>(() =>
                ClonePreparation.CheckRoleAsync(session, shared.Server.Source, TestContext.Current.CancellationToken)
            );
            Assert.Equal(CloneFailure.RoleTooPowerful, error.Failure);
        }
        finally
        {
            shared.Server.Execute($"ALTER ROLE shop {without}");
        }
    }

    [Fact]
    public async Task A_clone_listens_on_its_address_alone()
    {
        await using TakenClone clone = await shared.TakeAsync();
        Assert.Throws<NpgsqlException>(() =>
            Sql.Execute(clone.Address with { Address = System.Net.IPAddress.Parse("127.0.0.2") }, "SELECT 1")
        );
    }

    // Of a server that runs: what was renamed or has ended since it was listed holds nothing any more.
    private static string TextOf(string path)
    {
        try
        {
            return System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(path));
        }
        catch (IOException) when (!File.Exists(path) || path.StartsWith("/proc/", StringComparison.Ordinal))
        {
            return string.Empty;
        }
    }
}
