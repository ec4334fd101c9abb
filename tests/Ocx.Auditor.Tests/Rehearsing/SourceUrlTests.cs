using Npgsql;
using Ocx.Audit.Rehearsals;
using Ocx.Auditor.Rehearsing;
using Ocx.Auditor.Shadows;
using Ocx.State.Postgres;
using Ocx.State.Redis;

namespace Ocx.Auditor.Tests.Rehearsing;

public sealed class SourceUrlTests
{
    private static readonly StateSource s_orders = new(
        "orders",
        StateKind.PostgreSql,
        "secret",
        "replication",
        "DATABASE_URL",
        Database: null,
        Role: "shop"
    );

    private static readonly StateSource s_cache = new(
        "cache",
        StateKind.Redis,
        "secret",
        "replication",
        "REDIS_URL",
        Database: null,
        Role: null
    );

    [Fact]
    public void A_PostgreSQL_is_read_with_what_its_URL_leaves_out()
    {
        PostgresSource source = SourceUrl.ReadPostgres(s_orders, "postgresql://ocx:a%2Fb%3A@db.shop/orders\n");
        Assert.Equal(
            ("orders", "db.shop", 5432, "ocx", "a/b:", "orders", "shop", SslMode.Prefer),
            (
                source.Name,
                source.Host,
                source.Port,
                source.Role,
                source.Password,
                source.Database,
                source.ShadowRole,
                source.SslMode
            )
        );
    }

    [Fact]
    public void The_audit_names_another_database_and_the_URL_how_the_connection_is_protected()
    {
        PostgresSource source = SourceUrl.ReadPostgres(
            s_orders with
            {
                Database = "archive",
            },
            "postgres://ocx:p@[fd00::1]:6000/orders?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem"
        );
        Assert.Equal(
            ("fd00::1", 6000, "archive", SslMode.VerifyFull, "/etc/ca.pem"),
            (source.Host.Trim('[', ']'), source.Port, source.Database, source.SslMode, source.RootCertificate)
        );
    }

    [Theory]
    [InlineData("Host=db;Username=ocx", "it is no URL that begins with postgresql://")]
    [InlineData("redis://db", "it is no URL that begins with postgresql://")]
    [InlineData("postgresql://db/orders", "it names no role")]
    [InlineData("postgresql://ocx@db/orders", "it has no password")]
    [InlineData("postgresql://ocx:p@db", "neither it nor the audit names a database")]
    [InlineData("postgresql://ocx:p@db/o?sslmode=on", "its sslmode is none of libpq's")]
    [InlineData("postgresql://ocx:p@db/o?options=-c", "it has an option other than sslmode and sslrootcert")]
    public void What_is_wrong_is_said_without_the_URL(string url, string problem) =>
        Assert.Equal(
            $"the secret secret/replication of state orders: {problem}",
            Assert.Throws<ArgumentException>(() => SourceUrl.ReadPostgres(s_orders, url)).Message
        );

    [Fact]
    public void A_Redis_may_have_neither_user_nor_password()
    {
        RedisSource open = SourceUrl.ReadRedis(s_cache, "redis://cache"),
            closed = SourceUrl.ReadRedis(s_cache with { Role = "shop" }, "redis://ocx:p@cache:7000");
        Assert.Equal(("cache", 6379, null, null, "default"), Facts(open));
        Assert.Equal(("cache", 7000, "ocx", "p", "shop"), Facts(closed));

        static (string, int, string?, string?, string) Facts(RedisSource source) =>
            (source.Host, source.Port, source.User, source.Password, source.ShadowUser);
    }
}
