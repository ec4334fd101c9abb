using System.Text.Json.Serialization;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>Something in a server's traffic that an administrator should look at.</summary>
public sealed record Finding
{
    /// <summary>The most findings that a report has.</summary>
    public const int MaxReported = 10;

    /// <summary>The longest name of a server.</summary>
    public const int LongestServer = 160;

    /// <summary>The longest message.</summary>
    public const int LongestMessage = 400;

    /// <summary>One of <see cref="FindingKind"/>.</summary>
    [JsonPropertyName("kind")]
    [Description("What was found; docs/findings.md has a section for each.")]
    [AllowedValues(
        FindingKind.ToolsChanged,
        FindingKind.CredentialInArguments,
        FindingKind.NoAuthorization,
        FindingKind.UndeclaredPort,
        FindingKind.OriginMismatch,
        FindingKind.HeaderMismatch,
        FindingKind.DeprecatedFeature
    )]
    [Required]
    public string Kind { get; init; } = string.Empty;

    /// <summary>The MCP server.</summary>
    [JsonPropertyName("server")]
    [Description("The MCP server: its workload and port where the workload is known, else its address.")]
    [Length(Maximum = LongestServer)]
    [Required]
    public string Server { get; init; } = string.Empty;

    /// <summary>What was found, and what to do.</summary>
    [JsonPropertyName("message")]
    [Description("What was found when it was last told, and what to do.")]
    [Length(Maximum = LongestMessage)]
    [Required]
    public string Message { get; init; } = string.Empty;

    /// <summary>How often.</summary>
    [JsonPropertyName("count")]
    [Description("How often it was found at this server since the agent started.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Count { get; init; }

    /// <summary>When last.</summary>
    [JsonPropertyName("lastSeen")]
    [Description("When it was last found.")]
    [Length(Maximum = OcxApi.LongestTime)]
    public DateTime LastSeen { get; init; }
}
