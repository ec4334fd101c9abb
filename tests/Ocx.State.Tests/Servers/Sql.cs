using Npgsql;
using Ocx.State.Clones;

namespace Ocx.State.Tests.Servers;

/// <summary>Statements in a clone or a source.</summary>
internal static class Sql
{
    public static string Connection(CloneAddress at) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = at.Address.ToString(),
            Port = at.Port,
            Username = at.Role,
            Password = at.Password,
            Database = at.Database,
            Pooling = false,
            IncludeErrorDetail = true,
        }.ConnectionString;

    public static void Execute(CloneAddress at, string text) => Execute(Connection(at), text);

    public static void Execute(string connectionString, string text)
    {
        using var connection = new NpgsqlConnection(connectionString);
        connection.Open();
#pragma warning disable CA2100 // the tests' own
        using var command = new NpgsqlCommand(text, connection);
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    /// <summary>The error's SQLSTATE that a statement fails with.</summary>
    public static string Fails(CloneAddress at, string text) =>
        Assert.Throws<PostgresException>(() => Execute(at, text)).SqlState;

    public static T Ask<T>(string connectionString, string text)
    {
        using var connection = new NpgsqlConnection(connectionString);
        connection.Open();
#pragma warning disable CA2100 // the tests' own
        using var command = new NpgsqlCommand(text, connection);
#pragma warning restore CA2100
        return (T)command.ExecuteScalar()!;
    }
}
