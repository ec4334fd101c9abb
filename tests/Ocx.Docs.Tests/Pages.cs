using System.Text.RegularExpressions;

namespace Ocx.Docs.Tests;

/// <summary>One page of the documentation.</summary>
/// <param name="Path">Where it lies, from the repository's root.</param>
/// <param name="Text">Its Markdown.</param>
internal sealed partial record Page(string Path, string Text)
{
    /// <summary>The anchors of its headings, as GitHub makes them.</summary>
    public IEnumerable<string> Anchors => Heading().Matches(Text).Select(heading => Anchor(heading.Groups[1].Value));

    /// <summary>
    /// Links to other places of the repository: the file, or empty for this page, and the anchor, or empty.
    /// </summary>
    public IEnumerable<(string File, string Anchor)> Links =>
        Link()
            .Matches(WithoutCode)
            .Select(link => link.Groups[1].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal))
            .Select(target => target.Split('#', 2))
            .Select(parts => (parts[0], parts.ElementAtOrDefault(1) ?? string.Empty));

    /// <summary>What stands in code: the lines of shell blocks, and inline code.</summary>
    public IEnumerable<string> Commands =>
        Block()
            .Matches(Text)
            .SelectMany(block => JoinedLines(block.Groups[1].Value))
            .Concat(Inline().Matches(WithoutCode).Select(code => code.Groups[1].Value));

    private string WithoutCode => Fence().Replace(Text, string.Empty);

    private static string[] JoinedLines(string block) =>
        block.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n');

    private static string Anchor(string heading) =>
        NoAnchor().Replace(heading.Trim().ToLowerInvariant(), string.Empty).Replace(' ', '-');

    [GeneratedRegex(@"^#{1,6} (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```(?:sh|bash)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"`([^`\n]+)`")]
    private static partial Regex Inline();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NoAnchor();
}

/// <summary>All pages of the repository.</summary>
internal static class Pages
{
    /// <summary>Its pages.</summary>
    public static IReadOnlyList<Page> All { get; } =
    [
        .. new[] { "*.md", "docs/*.md", "docs/decisions/*.md", "deploy/helm/ocx-tap/*.md" }
            .SelectMany(pattern =>
                Directory.EnumerateFiles(
                    Path.Combine(Checkout.Root, Path.GetDirectoryName(pattern)!),
                    Path.GetFileName(pattern)
                )
            )
            .Select(file => new Page(Path.GetRelativePath(Checkout.Root, file), File.ReadAllText(file))),
    ];
}
