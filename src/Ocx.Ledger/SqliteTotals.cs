using Microsoft.Data.Sqlite;

namespace Ocx.Ledger;

/// <summary>Reads the totals of a file.</summary>
internal static class SqliteTotals
{
    public static List<(TotalKey Key, long Count)> Read(SqliteConnection connection)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT namespace, audit, kind, detail, count FROM totals";
        using SqliteDataReader reader = command.ExecuteReader();
        var totals = new List<(TotalKey, long)>();
        while (reader.Read())
        {
            var kind = (TotalKind)reader.GetInt32(2);
            totals.Add((new(reader.GetString(0), reader.GetString(1), kind, reader.GetString(3)), reader.GetInt64(4)));
        }

        return totals;
    }
}
