using Npgsql;
using Ocx.Auditor.Rehearsing;
using Ocx.State.Postgres;
using Ocx.State.Redis;

namespace Ocx.Auditor.Shadows;

/// <summary>
/// Reads the URL by which the auditor replicates a source: <c>postgresql://user:password@host:port/database</c>, with
/// <c>?sslmode=</c> and <c>&amp;sslrootcert=</c> as libpq has them, or <c>redis://user:password@host:port</c>.
/// </summary>
internal static class SourceUrl
{
    private const int PostgresPort = 5432;
    private const int RedisPort = 6379;

    /// <summary>A PostgreSQL server.</summary>
    /// <exception cref="ArgumentException">The URL is of no use; the message has nothing of it.</exception>
    public static PostgresSource ReadPostgres(StateSource source, string text)
    {
        Uri url = Read(source, text, "postgresql", "postgres");
        (string user, string? password) = Account(url);
        Dictionary<string, string> options = Options(source, url);
        return new PostgresSource
        {
            Name = source.Name,
            Host = url.IdnHost,
            Port = url.Port > 0 ? url.Port : PostgresPort,
            Role = user.Length > 0 ? user : throw Wrong(source, "it names no role"),
            Password = password ?? throw Wrong(source, "it has no password"),
            Database =
                source.Database ?? DatabaseOf(url) ?? throw Wrong(source, "neither it nor the audit names a database"),
            ShadowRole = source.Role ?? throw Wrong(source, "the audit does not say as which role the shadow works"),
            SslMode = SslModeOf(source, options.GetValueOrDefault("sslmode", "prefer")),
            RootCertificate = options.GetValueOrDefault("sslrootcert"),
        };
    }

    /// <summary>A Redis server.</summary>
    /// <exception cref="ArgumentException">The URL is of no use; the message has nothing of it.</exception>
    public static RedisSource ReadRedis(StateSource source, string text)
    {
        Uri url = Read(source, text, "redis");
        (string user, string? password) = Account(url);
        var redis = new RedisSource
        {
            Name = source.Name,
            Host = url.IdnHost,
            Port = url.Port > 0 ? url.Port : RedisPort,
            User = user.Length > 0 ? user : null,
            Password = password,
        };
        return source.Role is { } role ? redis with { ShadowUser = role } : redis;
    }

    private static Uri Read(StateSource source, string text, params ReadOnlySpan<string> schemes)
    {
        return Uri.TryCreate(text.Trim(), UriKind.Absolute, out Uri? url) && schemes.Contains(url.Scheme)
            ? url
            : throw Wrong(source, $"it is no URL that begins with {schemes[0]}://");
    }

    private static (string User, string? Password) Account(Uri url)
    {
        string[] parts = url.UserInfo.Split(':', 2);
        return (Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : null);
    }

    private static string? DatabaseOf(Uri url) =>
        url.AbsolutePath.TrimStart('/') is { Length: > 0 } name ? Uri.UnescapeDataString(name) : null;

    private static Dictionary<string, string> Options(StateSource source, Uri url)
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string option in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = option.Split('=', 2);
            if (parts is not ["sslmode" or "sslrootcert", var value])
            {
                throw Wrong(source, "it has an option other than sslmode and sslrootcert");
            }

            options[parts[0]] = Uri.UnescapeDataString(value);
        }

        return options;
    }

    private static SslMode SslModeOf(StateSource source, string text) =>
        text switch
        {
            "disable" => SslMode.Disable,
            "allow" => SslMode.Allow,
            "prefer" => SslMode.Prefer,
            "require" => SslMode.Require,
            "verify-ca" => SslMode.VerifyCA,
            "verify-full" => SslMode.VerifyFull,
            _ => throw Wrong(source, "its sslmode is none of libpq's"),
        };

    private static ArgumentException Wrong(StateSource source, string what) =>
        new($"the secret {source.Secret}/{source.SecretKey} of state {source.Name}: {what}");
}
