using System.Text;
using Npgsql;

namespace Ocx.State.Postgres;

/// <summary>A PostgreSQL server that is cloned, and by whom.</summary>
public sealed record PostgresSource
{
    /// <summary>The name that effects are told under.</summary>
    public required string Name { get; init; }

    /// <summary>Its host's name or address, or the folder of its Unix socket.</summary>
    public required string Host { get; init; }

    /// <summary>Its port.</summary>
    public int Port { get; init; } = NpgsqlConnection.DefaultPort;

    /// <summary>The role that replicates: REPLICATION and LOGIN are all that it needs.</summary>
    public required string Role { get; init; }

    /// <summary>That role's password.</summary>
    public required string Password { get; init; }

    /// <summary>The database that the shadow works on.</summary>
    public required string Database { get; init; }

    /// <summary>The role that the shadow works as: that of the real server, with the clone's password.</summary>
    public required string ShadowRole { get; init; }

    /// <summary>How the connection to the source is protected.</summary>
    public SslMode SslMode { get; init; } = SslMode.Prefer;

    /// <summary>The file of the authority that signed the source's certificate; null for the machine's own.</summary>
    public string? RootCertificate { get; init; }

    /// <summary>The folder of PostgreSQL's programs; <c>{0}</c> stands for the major version.</summary>
    public string Programs { get; init; } = "/usr/lib/postgresql/{0}/bin";

    /// <summary>It without the password.</summary>
    public override string ToString() => $"{Name}: {Role}@{Host}:{Port}/{Database}";

    /// <summary>The connection string of .NET's driver.</summary>
    internal string ConnectionString(TimeSpan timeout) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = Host,
            Port = Port,
            Username = Role,
            Password = Password,
            Database = Database,
            SslMode = SslMode,
            RootCertificate = RootCertificate,
            Timeout = Math.Max(1, (int)timeout.TotalSeconds),
            CommandTimeout = Math.Max(1, (int)timeout.TotalSeconds),
            ApplicationName = "ocx-clone",
            Pooling = false,
        }.ConnectionString;

    /// <summary>The connection string of PostgreSQL's own programs; the password is in a file.</summary>
    internal string Conninfo(string passwordFile, string? rootCertificate)
    {
        var text = new StringBuilder();
        Append(text, "host", Host);
        Append(text, "port", Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Append(text, "user", Role);
        Append(text, "passfile", passwordFile);
        Append(text, "application_name", "ocx-clone");
        Append(text, "connect_timeout", "10");
        Append(
            text,
            "sslmode",
            SslMode switch
            {
                SslMode.Disable => "disable",
                SslMode.Allow => "allow",
                SslMode.Prefer => "prefer",
                SslMode.Require => "require",
                SslMode.VerifyCA => "verify-ca",
                _ => "verify-full",
            }
        );
        if (rootCertificate is not null)
        {
            Append(text, "sslrootcert", rootCertificate);
        }

        return text.ToString();
    }

    /// <summary>The line of the password's file: <c>*:*:*:*:password</c> with colons and backslashes escaped.</summary>
    internal string PasswordLine =>
        "*:*:*:*:"
        + Password.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal)
        + "\n";

    private static void Append(StringBuilder text, string name, string value) =>
        text.Append(text.Length == 0 ? "" : " ")
            .Append(name)
            .Append("='")
            .Append(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal))
            .Append('\'');
}
