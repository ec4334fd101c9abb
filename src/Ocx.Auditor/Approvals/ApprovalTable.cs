using System.Text.Json;
using Microsoft.Data.Sqlite;
using Ocx.Audit.Approvals;
using Ocx.Text;

namespace Ocx.Auditor.Approvals;

/// <summary>The table of a file of approvals. What is put or deleted is on the disk when this comes back.</summary>
internal sealed class ApprovalTable : IDisposable
{
    private readonly string _path;
    private readonly SqliteConnection _connection;

    private ApprovalTable(string path, SqliteConnection connection) => (_path, _connection) = (path, connection);

    /// <summary>Opens the file, or makes it; only its owner may read it.</summary>
    /// <exception cref="ApprovalsException">It cannot be opened or made, or is none.</exception>
    public static ApprovalTable Open(string path)
    {
        SqliteConnection? connection = null;
        try
        {
            if (!File.Exists(path))
            {
                // SQLite gives its side files the rights of this one.
                var options = new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                };
                new FileStream(path, options).Dispose();
            }

            connection = new SqliteConnection(
                new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString()
            );
            connection.Open();
            Prepare(connection, path);
            return new ApprovalTable(path, connection);
        }
        catch (Exception wrong) when (wrong is SqliteException or IOException or UnauthorizedAccessException)
        {
            connection?.Dispose();
            throw new ApprovalsException($"the approvals {path} cannot be kept: {wrong.Message}", wrong);
        }
    }

    /// <summary>All approvals.</summary>
    /// <exception cref="ApprovalsException">They cannot be read, or are damaged.</exception>
    public List<Approval> Read()
    {
        var approvals = new List<Approval>();
        try
        {
            using SqliteCommand command = _connection.CreateCommand();
            command.CommandText = "SELECT body FROM approvals";
            using SqliteDataReader rows = command.ExecuteReader();
            while (rows.Read())
            {
                approvals.Add(ApprovalJson.Read(rows.GetFieldValue<byte[]>(0)));
            }
        }
        catch (Exception wrong) when (wrong is SqliteException or FormatException or InvalidOperationException)
        {
            throw new ApprovalsException($"the approvals {_path} are damaged: move the file away to begin anew", wrong);
        }

        return approvals;
    }

    /// <summary>Keeps an approval, in the place of the one with its id.</summary>
    /// <exception cref="ApprovalsException">It cannot be kept.</exception>
    public void Put(Approval approval) =>
        Run(
            "INSERT OR REPLACE INTO approvals (id, body) VALUES ($id, $body)",
            ("$id", approval.Id),
            ("$body", Body(approval))
        );

    /// <summary>Deletes an approval.</summary>
    /// <exception cref="ApprovalsException">It cannot be deleted.</exception>
    public void Delete(string id) => Run("DELETE FROM approvals WHERE id = $id", ("$id", id));

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private static void Prepare(SqliteConnection connection, string path)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = """
            PRAGMA trusted_schema = OFF;
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            CREATE TABLE IF NOT EXISTS approvals (
                id TEXT PRIMARY KEY,
                body BLOB NOT NULL
            ) STRICT;
            """;
        command.ExecuteNonQuery();
        command.CommandText = "PRAGMA quick_check(1)";
        if (command.ExecuteScalar() is not "ok")
        {
            throw new ApprovalsException($"the approvals {path} are damaged: move the file away to begin anew");
        }
    }

    private static byte[] Body(Approval approval)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body, WireJson.WriterOptions))
        {
            ApprovalJson.Write(json, approval);
        }

        return body.ToArray();
    }

    private void Run(string text, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using SqliteCommand command = _connection.CreateCommand();
#pragma warning disable CA2100 // constants of this file
        command.CommandText = text;
#pragma warning restore CA2100
        foreach ((string name, object value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        try
        {
            command.ExecuteNonQuery();
        }
        catch (Exception wrong) when (wrong is SqliteException or InvalidOperationException)
        {
            throw new ApprovalsException($"the approvals {_path} cannot be kept: {wrong.Message}", wrong);
        }
    }
}
