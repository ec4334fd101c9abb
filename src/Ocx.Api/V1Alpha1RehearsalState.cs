using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>The values of an McpAudit's <c>rehearsal.driver</c>.</summary>
public static class RehearsalDriver
{
    /// <summary>gVisor's <c>runsc</c>, on the auditor's machine.</summary>
    public const string Runsc = "Runsc";
}

/// <summary>The values of an McpAudit's <c>rehearsal.state.kind</c>.</summary>
public static class RehearsalStateKind
{
    /// <summary>PostgreSQL.</summary>
    public const string PostgreSql = "PostgreSQL";

    /// <summary>Redis, or a server that speaks its protocol.</summary>
    public const string Redis = "Redis";
}

/// <summary>A database that the server works on.</summary>
public sealed partial class V1Alpha1RehearsalState
{
    private const int LongestDatabase = 63;

    private const string NameForm = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

    /// <summary>The name.</summary>
    [JsonPropertyName("name")]
    [Description("The source's name, in effects, status and metrics.")]
    [Required]
    [Length(Minimum = 1, Maximum = 63)]
    [Pattern(NameForm)]
    public string Name { get; set; } = string.Empty;

    /// <summary>What it is.</summary>
    [JsonPropertyName("kind")]
    [Description("PostgreSQL or Redis.")]
    [Required]
    [AllowedValues(RehearsalStateKind.PostgreSql, RehearsalStateKind.Redis)]
    public string? Kind { get; set; }

    /// <summary>How it is reached.</summary>
    [JsonPropertyName("connectionSecret")]
    [Description(
        "A Secret's key: the connection string with which the auditor replicates the source. A shadow never gets it."
    )]
    [Required]
    public V1Alpha1LocalKey? ConnectionSecret { get; set; }

    /// <summary>The variable.</summary>
    [JsonPropertyName("variable")]
    [Description("The shadow's environment variable that gets the clone's address, as a URL.")]
    [Required]
    [Length(Minimum = 1, Maximum = 128)]
    [Pattern(V1Alpha1Rehearsal.VariableForm)]
    public string? Variable { get; set; }

    /// <summary>The database.</summary>
    [JsonPropertyName("database")]
    [Description("The database of the clone that the address names; PostgreSQL's name, or Redis' number.")]
    [Length(Minimum = 1, Maximum = LongestDatabase)]
    [Pattern("^[-A-Za-z0-9_]+$")]
    public string? Database { get; set; }

    /// <summary>The role.</summary>
    [JsonPropertyName("role")]
    [Description(
        "Whom the shadow works as in the clone, with a password of the clone's own: the real server's role of "
            + "PostgreSQL, which has to be given, or its user of Redis (default)."
    )]
    [Length(Minimum = 1, Maximum = LongestDatabase)]
    [Pattern("^[-A-Za-z0-9_]+$")]
    public string? Role { get; set; }

    /// <summary>What is not as the schema has it.</summary>
    internal IEnumerable<string> Problems()
    {
        if (!NameOf().IsMatch(Name ?? string.Empty))
        {
            yield return "a name is of at most 63 small letters, digits and -";
        }

        if (Kind is not (RehearsalStateKind.PostgreSql or RehearsalStateKind.Redis))
        {
            yield return "kind: it is PostgreSQL or Redis";
        }

        if (ConnectionSecret is not { Name.Length: > 0, Key.Length: > 0 })
        {
            yield return "connectionSecret: it has a name and a key";
        }

        if (Variable is not { Length: <= 128 } || !V1Alpha1Rehearsal.VariableOf().IsMatch(Variable))
        {
            yield return "variable: it is of letters, digits and _";
        }

        if (Role is null ? Kind == RehearsalStateKind.PostgreSql : !DatabaseOf().IsMatch(Role))
        {
            yield return $"role: PostgreSQL's has to be given; of at most {LongestDatabase} letters, digits, - and _";
        }

        if (Database is not null && !DatabaseOf().IsMatch(Database))
        {
            yield return $"database: it is of at most {LongestDatabase} letters, digits, - and _";
        }
    }

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\z")]
    private static partial Regex NameOf();

    [GeneratedRegex(@"\A[-A-Za-z0-9_]{1,63}\z")]
    private static partial Regex DatabaseOf();
}
