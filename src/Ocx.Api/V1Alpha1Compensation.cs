using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>How calls are taken back that have run.</summary>
public sealed partial class V1Alpha1Compensation
{
    internal const int MostArguments = 32,
        LongestTool = 128;

    private const int MostRules = 64,
        LongestPath = 200;

    internal const string ToolForm = "^[-A-Za-z0-9_./]+$";

    private const string PathForm = "^/[-A-Za-z0-9._~/]*$";

    /// <summary>Where the server speaks MCP.</summary>
    [JsonPropertyName("path")]
    [Description("The path of the server's URL at which it speaks MCP.")]
    [Length(Minimum = 1, Maximum = LongestPath)]
    [Pattern(PathForm)]
    public string Path { get; set; } = "/mcp";

    /// <summary>The rules.</summary>
    [JsonPropertyName("rules")]
    [Description("The first rule that matches a tool says which call takes its calls back.")]
    [Required]
    [MaxItems(MostRules)]
    [ListType("atomic")]
    public IList<V1Alpha1CompensationRule>? Rules { get; set; }

    /// <summary>What is not as the schema has it: a file was held to none. CEL is not looked at here.</summary>
    internal IEnumerable<string> Problems()
    {
        if (Path is not { Length: <= LongestPath } || !PathOf().IsMatch(Path))
        {
            yield return $"spec.compensate.path: it is / and at most {LongestPath - 1} letters, digits and -._~/";
        }

        if (Rules is not { Count: > 0 and <= MostRules })
        {
            yield return $"spec.compensate.rules: there are 1 to {MostRules}";
        }

        foreach (V1Alpha1CompensationRule rule in Rules ?? [])
        {
            if (rule?.Tools is not { Count: > 0 })
            {
                yield return "spec.compensate.rules.tools: there is none";
            }

            if (rule?.Call is not { Tool: { Length: <= LongestTool } tool } || !ToolOf().IsMatch(tool))
            {
                yield return $"spec.compensate.rules.call.tool: it has 1 to {LongestTool} letters, digits and -_./";
            }

            if (rule?.Call?.Arguments?.Count > MostArguments)
            {
                yield return $"spec.compensate.rules.call.arguments: there are at most {MostArguments}";
            }
        }
    }

    [GeneratedRegex(@"\A/[-A-Za-z0-9._~/]*\z")]
    private static partial Regex PathOf();

    [GeneratedRegex(@"\A[-A-Za-z0-9_./]+\z")]
    private static partial Regex ToolOf();
}

/// <summary>How the calls of some tools are taken back.</summary>
public sealed class V1Alpha1CompensationRule
{
    /// <summary>The tools.</summary>
    [JsonPropertyName("tools")]
    [Description("Names of tools whose calls it takes back, with * for any characters and ? for one.")]
    [Required]
    [Length(Minimum = 1, Maximum = AuditBounds.Glob)]
    [MaxItems(64)]
    [ListType("set")]
    public IList<string>? Tools { get; set; }

    /// <summary>The call.</summary>
    [JsonPropertyName("call")]
    [Description("The call that takes them back.")]
    [Required]
    public V1Alpha1CompensatingCall? Call { get; set; }
}

/// <summary>The call of a rule.</summary>
public sealed class V1Alpha1CompensatingCall
{
    /// <summary>The tool.</summary>
    [JsonPropertyName("tool")]
    [Description("The tool of the same server that is called.")]
    [Required]
    [Length(Minimum = 1, Maximum = V1Alpha1Compensation.LongestTool)]
    [Pattern(V1Alpha1Compensation.ToolForm)]
    public string? Tool { get; set; }

    /// <summary>The arguments.</summary>
    [JsonPropertyName("arguments")]
    [Description("Its arguments by their names, each in CEL over call, tool, client, server and session.")]
    [Length(Minimum = 1, Maximum = AuditBounds.Condition)]
    [MaxItems(V1Alpha1Compensation.MostArguments)]
    public IDictionary<string, string>? Arguments { get; set; }
}
