using System.Text.Json.Serialization;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>Which calls are audited.</summary>
public sealed class V1Alpha1AuditMatch
{
    /// <summary>The tools.</summary>
    [JsonPropertyName("tools")]
    [Description("Names of tools, with * for any characters and ? for one; all tools when not given.")]
    [Length(Minimum = 1, Maximum = AuditBounds.Glob)]
    [MaxItems(64)]
    [ListType("set")]
    public IList<string>? Tools { get; set; }

    /// <summary>The methods.</summary>
    [JsonPropertyName("methods")]
    [Description("JSON-RPC methods of MCP.")]
    [Length(Minimum = 1, Maximum = 64)]
    [Pattern("^[a-z]+(/[A-Za-z]+)*$")]
    [MaxItems(16)]
    [ListType("set")]
    public IList<string> Methods { get; set; } = ["tools/call"];

    /// <summary>A condition.</summary>
    [JsonPropertyName("when")]
    [Description("A condition in CEL over call, tool, client, server and session.")]
    [Length(Minimum = 1, Maximum = AuditBounds.Condition)]
    public string? When { get; set; }
}

/// <summary>Which tools do what can be taken back.</summary>
public sealed class V1Alpha1AuditClasses
{
    /// <summary>The rules.</summary>
    [JsonPropertyName("rules")]
    [Description("The first rule that matches a tool has its class.")]
    [MaxItems(64)]
    [ListType("atomic")]
    public IList<V1Alpha1ClassRule>? Rules { get; set; }

    /// <summary>Whether a server's word can lower a class.</summary>
    [JsonPropertyName("trustAnnotations")]
    [Description(
        "Takes the server's word that a tool can be taken back, where no rule says it. "
            + "Its word that a tool destroys always counts."
    )]
    public bool TrustAnnotations { get; set; }
}

/// <summary>The class of some tools.</summary>
public sealed class V1Alpha1ClassRule
{
    /// <summary>The tools.</summary>
    [JsonPropertyName("tools")]
    [Description("Names of tools, with * for any characters and ? for one.")]
    [Required]
    [Length(Minimum = 1, Maximum = AuditBounds.Glob)]
    [MaxItems(64)]
    [ListType("set")]
    public IList<string>? Tools { get; set; }

    /// <summary>The class.</summary>
    [JsonPropertyName("class")]
    [Description("Reversible or Irreversible.")]
    [Required]
    [AllowedValues("Reversible", "Irreversible")]
    public string? Class { get; set; }
}
