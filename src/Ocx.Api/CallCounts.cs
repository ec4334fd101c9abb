using System.Text.Json.Serialization;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>MCP calls that are over, and the tools that were called most.</summary>
public sealed record CallCounts
{
    /// <summary>How many tools are named.</summary>
    public const int NamedTools = 10;

    /// <summary>The longest name of a tool, in characters; what is longer is cut.</summary>
    public const int LongestName = 128;

    /// <summary>Requests of any method that are over.</summary>
    [JsonPropertyName("total")]
    [Description("JSON-RPC requests, of any method, that are over.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Total { get; init; }

    /// <summary>Those that failed.</summary>
    [JsonPropertyName("errors")]
    [Description("Those among them that ended in an error of the tool, of JSON-RPC or of HTTP, or in a time-out.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Errors { get; init; }

    /// <summary>The tools that were called most, the busiest first.</summary>
    [JsonPropertyName("busiestTools")]
    [Description(
        "The tools that were called most, the busiest first. Calls on a node where a tool is not among the ten "
            + "busiest are left out."
    )]
    [MaxItems(NamedTools)]
    [ListType("atomic")]
    public IReadOnlyList<ToolCalls>? BusiestTools { get; init; }

    /// <summary>What was seen and not read; null when it is nothing.</summary>
    [JsonPropertyName("unread")]
    [Description("What was seen and not read, or not to its end, by kind; absent when it is nothing.")]
    public UnreadCounts? Unread { get; init; }

    /// <summary>
    /// Adds two counts. Of a tool that only one of them names, the calls in the other are not known and left out.
    /// </summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>The sum.</returns>
    public static CallCounts operator +(CallCounts left, CallCounts right) =>
        new()
        {
            Total = Counts.Sum(left.Total, right.Total),
            Errors = Counts.Sum(left.Errors, right.Errors),
            BusiestTools = Busiest((left.BusiestTools ?? []).Concat(right.BusiestTools ?? [])),
            Unread = left.Unread is { } one && right.Unread is { } other ? one + other : left.Unread ?? right.Unread,
        };

    /// <summary>Adds two counts.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>The sum.</returns>
    public static CallCounts Add(CallCounts left, CallCounts right) => left + right;

    /// <summary>The busiest of tools, each once; null when there are none.</summary>
    /// <param name="tools">Counts, of one tool perhaps several.</param>
    /// <returns>At most <see cref="NamedTools"/>.</returns>
    public static IReadOnlyList<ToolCalls>? Busiest(IEnumerable<ToolCalls> tools)
    {
        ToolCalls[] busiest =
        [
            .. tools
                .GroupBy(tool => tool.Name, StringComparer.Ordinal)
                .Select(same => new ToolCalls
                {
                    Name = same.Key,
                    Calls = same.Aggregate(0L, (sum, tool) => Counts.Sum(sum, tool.Calls)),
                })
                .OrderByDescending(tool => tool.Calls)
                .ThenBy(tool => tool.Name, StringComparer.Ordinal)
                .Take(NamedTools),
        ];
        return busiest.Length == 0 ? null : busiest;
    }
}

/// <summary>How often a tool was called.</summary>
public sealed record ToolCalls
{
    /// <summary>The tool.</summary>
    [JsonPropertyName("name")]
    [Description("The tool's name, cut after 128 characters.")]
    [Length(Maximum = CallCounts.LongestName)]
    [Required]
    public string Name { get; init; } = string.Empty;

    /// <summary>Its calls.</summary>
    [JsonPropertyName("calls")]
    [Description("How often it was called.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Calls { get; init; }
}
