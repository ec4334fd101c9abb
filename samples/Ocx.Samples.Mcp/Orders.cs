using Npgsql;

namespace Ocx.Samples.Mcp;

/// <summary>
/// The orders that the tools work on: the table <c>orders (id, customer, status)</c> of the PostgreSQL that the
/// environment variable <c>ORDERS_URL</c> names, <c>postgresql://role:password@host:port/database</c>. Without it there
/// are none.
/// </summary>
internal sealed class Orders : IAsyncDisposable
{
    private const string Variable = "ORDERS_URL";

    private readonly NpgsqlDataSource? _database = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } url
        ? NpgsqlDataSource.Create(Settings(url))
        : null;

    /// <summary>Connects, so that the first call does not have to.</summary>
    public Task ConnectAsync(CancellationToken cancellation) => ExecuteAsync("SELECT", cancellation);

    /// <summary>Deletes a customer's orders, or with <c>*</c> all.</summary>
    public Task DeleteAsync(string customer, CancellationToken cancellation) =>
        ExecuteAsync("DELETE FROM orders WHERE $1 = '*' OR customer = $1", cancellation, customer);

    /// <summary>Gives an order a status.</summary>
    public Task SetStatusAsync(int order, string status, CancellationToken cancellation) =>
        ExecuteAsync("UPDATE orders SET status = $1 WHERE id = $2", cancellation, status, order);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static string Settings(string text)
    {
        var url = new Uri(text);
        string[] account = url.UserInfo.Split(':', 2);
        return new NpgsqlConnectionStringBuilder
        {
            Host = url.Host,
            Port = url.Port,
            Username = Uri.UnescapeDataString(account[0]),
            Password = account.Length > 1 ? Uri.UnescapeDataString(account[1]) : null,
            Database = Uri.UnescapeDataString(url.AbsolutePath.TrimStart('/')),
        }.ConnectionString;
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellation, params object[] values)
    {
        if (_database is null)
        {
            return;
        }

        await using NpgsqlCommand command = _database.CreateCommand(sql);
        foreach (object value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await command.ExecuteNonQueryAsync(cancellation);
    }
}
