namespace Ocx.Mcp.Records;

/// <summary>
/// What a server says of how a tool behaves: hints, which bind nobody. Of each there is whether it was given, and what
/// as.
/// </summary>
[Flags]
public enum ToolAnnotations
{
    /// <summary>Nothing was said.</summary>
    None = 0,

    /// <summary><c>readOnlyHint</c> was given.</summary>
    HasReadOnly = 1,

    /// <summary>It changes nothing.</summary>
    ReadOnly = 1 << 1,

    /// <summary><c>destructiveHint</c> was given.</summary>
    HasDestructive = 1 << 2,

    /// <summary>It may destroy something.</summary>
    Destructive = 1 << 3,

    /// <summary><c>idempotentHint</c> was given.</summary>
    HasIdempotent = 1 << 4,

    /// <summary>The same call again changes nothing more.</summary>
    Idempotent = 1 << 5,

    /// <summary><c>openWorldHint</c> was given.</summary>
    HasOpenWorld = 1 << 6,

    /// <summary>It reaches what is outside.</summary>
    OpenWorld = 1 << 7,
}

/// <summary>Reads one of the hints.</summary>
public static class ToolHint
{
    /// <summary>What the hint was given as; null when it was not given.</summary>
    /// <param name="said">All that was said.</param>
    /// <param name="has">The flag that says that it was given; the flag behind it is the hint.</param>
    public static bool? Hint(this ToolAnnotations said, ToolAnnotations has) =>
        said.HasFlag(has) ? said.HasFlag((ToolAnnotations)((int)has << 1)) : null;
}

/// <summary>One tool of a <c>tools/list</c> result.</summary>
/// <param name="Name">Its name, cut after <see cref="ToolList.LongestName"/> characters.</param>
/// <param name="Hash">
/// The first half of a SHA-256 over what a model is told of it: name, title, description, schemas and annotations,
/// property by property as sent and without the space between them.
/// </param>
/// <param name="Annotations">How it behaves, as the server says.</param>
public readonly record struct ToolDefinition(
    string Name,
    UInt128 Hash,
    ToolAnnotations Annotations = ToolAnnotations.None
);

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
