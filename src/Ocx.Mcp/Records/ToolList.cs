namespace Ocx.Mcp.Records;

/// <summary>One tool of a <c>tools/list</c> result.</summary>
/// <param name="Name">Its name, cut after <see cref="ToolList.LongestName"/> characters.</param>
/// <param name="Hash">
/// The first half of a SHA-256 over what a model is told of it: name, title, description, schemas and annotations,
/// property by property as sent and without the space between them.
/// </param>
public readonly record struct ToolDefinition(string Name, UInt128 Hash);

/// <summary>The tools of one <c>tools/list</c> result.</summary>
/// <param name="Tools">The tools, in the order of the result.</param>
/// <param name="IsComplete">True when the result is the whole list, and no page of a longer one.</param>
public sealed record ToolList(IReadOnlyList<ToolDefinition> Tools, bool IsComplete)
{
    /// <summary>The most tools that are taken of one result; one with more is not complete.</summary>
    public const int MaxTools = 256;

    /// <summary>The characters kept of a tool's name.</summary>
    public const int LongestName = 128;
}
