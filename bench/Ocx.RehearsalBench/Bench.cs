using Ocx.Audit.Rehearsals;
using Ocx.Auditor.Rehearsing;

namespace Ocx.RehearsalBench;

/// <summary>What is measured.</summary>
/// <param name="Folder">A folder of its own, with the connection strings to the sources in <c>secrets</c>.</param>
/// <param name="Server">The program of the MCP server.</param>
/// <param name="Postgres">The number of the first process of the PostgreSQL that is cloned.</param>
/// <param name="Redis">That of the Redis.</param>
internal sealed record Bench(string Folder, string Server, int Postgres, int Redis)
{
    private const string Key = "replication";

    public static StateSource Orders { get; } =
        new("orders", StateKind.PostgreSql, "orders", Key, "ORDERS_URL", Database: null, Role: "shop");

    public static StateSource Carts { get; } =
        new("carts", StateKind.Redis, "carts", Key, "CARTS_URL", Database: null, Role: null);

    public string Secrets => Path.Combine(Folder, "secrets");

    /// <summary>The connection string to a source.</summary>
    public string UrlOf(StateSource source) =>
        File.ReadAllText(Path.Combine(Secrets, source.Secret, source.SecretKey)).Trim();
}
