using System.Text;
using System.Text.RegularExpressions;

namespace Ocx.Docs.Tests;

/// <summary>No line of what people read and write has more than 120 columns.</summary>
public partial class LineLengthTests
{
    private const int Longest = 120;

    // What may stand beside a URL that is too long for a line of its own: an indent, a bracket, the end of a sentence.
    private const int BesideUrl = 30;

    private static readonly string[] s_kinds =
    [
        ".cs",
        ".c",
        ".h",
        ".sh",
        ".md",
        ".mjs",
        ".cjs",
        ".yaml",
        ".tpl",
        ".csproj",
        ".props",
    ];

    private static readonly string[] s_notOurs = ["artifacts", "bin", "obj", "node_modules", ".git"];

    // Generated: the file, and what writes it.
    private static readonly Dictionary<string, string> s_generated = new()
    {
        ["deploy/crds/ocx.dev_mcpapprovals.yaml"] = "make crds writes each description on one line",
        ["deploy/helm/ocx-tap/crds/ocx.dev_mcpapprovals.yaml"] = "make crds writes each description on one line",
        ["deploy/crds/ocx.dev_mcptaps.yaml"] = "make crds writes each description on one line",
        ["deploy/crds/ocx.dev_mcptapreports.yaml"] = "make crds writes each description on one line",
        ["deploy/crds/ocx.dev_mcpaudits.yaml"] = "make crds writes each description on one line",
        ["deploy/helm/ocx-tap/crds/ocx.dev_mcptaps.yaml"] = "make crds writes each description on one line",
        ["deploy/helm/ocx-tap/crds/ocx.dev_mcptapreports.yaml"] = "make crds writes each description on one line",
        ["deploy/helm/ocx-tap/crds/ocx.dev_mcpaudits.yaml"] = "make crds writes each description on one line",
    };

    [Fact]
    public void No_line_is_longer_than_120_columns()
    {
        string[] files = [.. Files(Checkout.Root).Select(file => Path.GetRelativePath(Checkout.Root, file))];
        foreach (string expected in new[] { "Makefile", "README.md", "bpf/event.h", ".ci/run", "hack/cluster/up" })
        {
            Assert.Contains(expected, files);
        }

        Assert.Empty(
            from file in files
            where !s_generated.ContainsKey(file)
            from line in File.ReadLines(Path.Combine(Checkout.Root, file)).Index()
            where IsTooLong(line.Item)
            select $"{file}:{line.Index + 1}: {Columns(line.Item)} columns"
        );
    }

    [Fact]
    public void What_is_generated_is_there_and_has_long_lines() =>
        Assert.All(
            s_generated.Keys,
            file => Assert.Contains(File.ReadLines(Path.Combine(Checkout.Root, file)), IsTooLong)
        );

    [Theory]
    [InlineData(false, 120, "")]
    [InlineData(true, 121, "")]
    [InlineData(true, 113, "\t")]
    [InlineData(false, 112, "\t")]
    [InlineData(false, 119, "\U0001F50E")]
    [InlineData(false, 10, "https://example.com/")]
    [InlineData(true, 40, "https://example.com/")]
    [InlineData(true, 10, "https://example.com/", "https://example.com/")]
    public void A_line_is_too_long_by_its_columns_and_not_by_one_url(bool tooLong, int letters, params string[] with)
    {
        var line = new StringBuilder();
        foreach (string part in with)
        {
            line.Append(part);
            line.Append(part.StartsWith("https:", StringComparison.Ordinal) ? new string('u', 120) + " " : "");
        }

        Assert.Equal(tooLong, IsTooLong(line.Append('x', letters).ToString()));
    }

    private static bool IsTooLong(string line)
    {
        if (Columns(line) <= Longest)
        {
            return false;
        }

        MatchCollection urls = Url().Matches(line);
        return urls.Count != 1 || Columns(line) - urls[0].Length > BesideUrl;
    }

    // One for each code point; a tab goes on to the next multiple of 8.
    private static int Columns(string line)
    {
        int columns = 0;
        foreach (Rune rune in line.EnumerateRunes())
        {
            columns = rune.Value == '\t' ? (columns / 8 + 1) * 8 : columns + 1;
        }

        return columns;
    }

    private static IEnumerable<string> Files(string folder) =>
        Directory
            .EnumerateFiles(folder)
            .Where(IsWritten)
            .Concat(
                Directory
                    .EnumerateDirectories(folder)
                    .Where(below => !s_notOurs.Contains(Path.GetFileName(below)))
                    .Where(below => new DirectoryInfo(below).LinkTarget is null)
                    .SelectMany(Files)
            );

    // By its name, or as a script without one.
    private static bool IsWritten(string file)
    {
        string name = Path.GetFileName(file);
        if (s_kinds.Contains(Path.GetExtension(name)) || name == "Makefile")
        {
            return true;
        }

        return name.StartsWith("Dockerfile", StringComparison.Ordinal) || (!name.Contains('.') && IsScript(file));
    }

    private static bool IsScript(string file)
    {
        using FileStream stream = File.OpenRead(file);
        Span<byte> start = stackalloc byte[2];
        return stream.ReadAtLeast(start, 2, throwOnEndOfStream: false) == 2 && start.SequenceEqual("#!"u8);
    }

    [GeneratedRegex(@"https?://[^\s)]+")]
    private static partial Regex Url();
}
