using System.Globalization;
using System.Text;
using Ocx.State.Clones;
using Ocx.State.Processes;

namespace Ocx.State.Postgres;

/// <summary>
/// The files of a clone, in a folder that its user alone sees: <c>data</c>, <c>s</c> for the socket, <c>conf</c>. Of
/// the source's own configuration, access rules, keys and passwords nothing is taken over.
/// </summary>
internal sealed class StandbyFiles
{
    // What lies at the top of a data folder and belongs to the data; all else there is configuration, logs or keys.
    private static readonly HashSet<string> s_data =
    [
        "base",
        "global",
        "PG_VERSION",
        "backup_label",
        "tablespace_map",
        "standby.signal",
    ];

    private readonly PostgresSource _source;
    private readonly RunAs _user;

    /// <summary>Makes the folders, and the file with the password for the source.</summary>
    public StandbyFiles(PostgresSource source, string folder, RunAs user)
    {
        (_source, Folder, _user) = (source, folder, user);
        user.MakeFolder(Sockets);
        user.MakeFolder(Configuration);
        user.MakeFolder(Data);
        WriteSecret();
    }

    /// <summary>The clone's folder.</summary>
    public string Folder { get; }

    /// <summary>The folder of the data.</summary>
    public string Data => Path.Combine(Folder, "data");

    /// <summary>The folder of the Unix socket by which this process administers the clone.</summary>
    public string Sockets => Path.Combine(Folder, "s");

    /// <summary>The file of the settings.</summary>
    public string Settings => Path.Combine(Configuration, "postgresql.conf");

    /// <summary>How PostgreSQL's programs reach the source; without the password.</summary>
    public string Conninfo => _source.Conninfo(Secret, _source.RootCertificate is null ? null : Root);

    private string Configuration => Path.Combine(Folder, "conf");

    private string Secret => Path.Combine(Folder, "source.pass");

    private string Root => Path.Combine(Folder, "root.crt");

    /// <summary>Writes what reaching the source takes.</summary>
    public void WriteSecret()
    {
        _user.WriteFile(Secret, _source.PasswordLine);
        if (_source.RootCertificate is { } certificate)
        {
            _user.WriteFile(Root, File.ReadAllText(certificate));
        }
    }

    /// <summary>Takes it away.</summary>
    public void DeleteSecret()
    {
        File.Delete(Secret);
        File.Delete(Root);
    }

    /// <summary>Makes a standby of the copied data: without the source's configuration, with its own.</summary>
    /// <param name="control">What <c>pg_controldata</c> says of the copy.</param>
    /// <param name="limits">Where it listens.</param>
    /// <param name="port">Its port.</param>
    /// <param name="major">PostgreSQL's major version.</param>
    public void MakeStandby(string control, CloneLimits limits, int port, int major)
    {
        foreach (string entry in Directory.GetFileSystemEntries(Data))
        {
            string name = Path.GetFileName(entry);
            bool isFolder = Directory.Exists(entry);
            if (!s_data.Contains(name) && !(isFolder && name.StartsWith("pg_", StringComparison.Ordinal)))
            {
                Delete(entry, isFolder);
            }
        }

        // A slot keeps its clone's log: the source's, and those of the life before, are of no use.
        string slots = Path.Combine(Data, "pg_replslot");
        foreach (string slot in Directory.Exists(slots) ? Directory.GetDirectories(slots) : [])
        {
            Directory.Delete(slot, recursive: true);
        }

        _user.WriteFile(Path.Combine(Data, "standby.signal"), string.Empty);
        _user.WriteFile(Path.Combine(Data, "postgresql.auto.conf"), string.Empty);
        _user.WriteFile(Path.Combine(Configuration, "pg_ident.conf"), string.Empty);
        _user.WriteFile(
            Path.Combine(Configuration, "pg_hba.conf"),
            $"""
            # The socket's folder is closed to all but the clone's own user and this program.
            local all all trust
            host "{_source.Database}" "{_source.ShadowRole}" all scram-sha-256

            """
        );
        Standing = string.Join('\n', Common(control, limits, port, major)) + "\n";
        _user.WriteFile(Settings, $"{Standing}primary_conninfo = {Quote(Conninfo)}\n");
    }

    /// <summary>Writes the settings of a clone that stands alone: it knows of no source.</summary>
    public void CutOff()
    {
        _user.WriteFile(Settings, Standing);
        DeleteSecret();
    }

    private string Standing { get; set; } = string.Empty;

    private IEnumerable<string> Common(string control, CloneLimits limits, int port, int major)
    {
        yield return $"listen_addresses = '{limits.Listen}'";
        yield return string.Create(CultureInfo.InvariantCulture, $"port = {port}");
        yield return $"unix_socket_directories = {Quote(Sockets)}";
        yield return $"hba_file = {Quote(Path.Combine(Configuration, "pg_hba.conf"))}";
        yield return $"ident_file = {Quote(Path.Combine(Configuration, "pg_ident.conf"))}";

        // A standby refuses to run with less of these than its primary has.
        foreach (
            (string setting, string label) in new[]
            {
                ("max_connections", "max_connections setting"),
                ("max_worker_processes", "max_worker_processes setting"),
                ("max_wal_senders", "max_wal_senders setting"),
                ("max_prepared_transactions", "max_prepared_xacts setting"),
                ("max_locks_per_transaction", "max_locks_per_xact setting"),
            }
        )
        {
            yield return $"{setting} = {Control(control, label)}";
        }

        // What it did is read from its log, which says enough from the moment on that it stands alone.
        yield return "wal_level = logical";
        yield return "max_replication_slots = 4";
        yield return "wal_log_hints = on"; // for pg_rewind
        yield return major >= 13 ? "wal_keep_size = 256MB" : "wal_keep_segments = 16";

        // It is thrown away after a crash of the machine.
        yield return "fsync = off";
        yield return "wal_init_zero = off";
        yield return "shared_buffers = 64MB";
        yield return "dynamic_shared_memory_type = mmap"; // in its folder: goes with it
        yield return "wal_retrieve_retry_interval = 100ms";
        yield return "wal_receiver_status_interval = 1s";
        yield return "max_standby_streaming_delay = 5s";
        yield return "hot_standby = on";
        yield return "hot_standby_feedback = off";

        // Nothing runs in it but what is asked of it, and nothing of it goes anywhere.
        yield return "archive_mode = off";
        yield return "shared_preload_libraries = ''";
        yield return "session_preload_libraries = ''";
        yield return "local_preload_libraries = ''";
        yield return "max_logical_replication_workers = 0";
        yield return "autovacuum = off";
        yield return "jit = off";
        yield return "ssl = off";
        yield return "password_encryption = 'scram-sha-256'";
        yield return "logging_collector = off";
        yield return "log_destination = 'stderr'";
        yield return "log_connections = off";
        yield return "log_statement = 'none'";
        yield return "log_min_messages = 'warning'";
        yield return "log_min_error_statement = 'panic'";
    }

    private static string Control(string control, string label)
    {
        foreach (string line in control.Split('\n'))
        {
            if (
                line.StartsWith(label + ":", StringComparison.Ordinal)
                && int.TryParse(line[(label.Length + 1)..].Trim(), CultureInfo.InvariantCulture, out int value)
            )
            {
                return value.ToString(CultureInfo.InvariantCulture);
            }
        }

        throw new CloneException(CloneFailure.CloneDied, $"pg_controldata does not tell the {label}");
    }

    private static void Delete(string entry, bool isFolder)
    {
        if (isFolder && new DirectoryInfo(entry).LinkTarget is null)
        {
            Directory.Delete(entry, recursive: true);
        }
        else
        {
            File.Delete(entry);
        }
    }

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("'");
        foreach (char each in text)
        {
            quoted.Append(each is '\'' or '\\' ? $"{each}{each}" : each.ToString());
        }

        return quoted.Append('\'').ToString();
    }
}
