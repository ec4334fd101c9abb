using System.CommandLine;
using System.Text.RegularExpressions;
using Ocx.Gate.Options;
using Ocx.NodeAgent.Options;

namespace Ocx.Docs.Tests;

/// <summary>
/// What the pages tell a reader to open or to type is there. What the commands do is for the other suites.
/// </summary>
public partial class DocumentationTests
{
    private static readonly IReadOnlyList<Option> s_agentOptions = [.. new AgentCommand(_ => null).Root.Options];
    private static readonly IReadOnlyList<Option> s_gateOptions = [.. new GateCommand(_ => null).Root.Options];

    [Fact]
    public void Every_link_leads_somewhere()
    {
        var broken =
            from page in Pages.All
            from link in page.Links
            where !Leads(page, link.File, link.Anchor)
            select $"{page.Path}: {link.File}#{link.Anchor}";
        Assert.Empty(broken);
    }

    [Fact]
    public void Every_page_can_be_reached_from_the_README()
    {
        var reached = new HashSet<string> { "README.md", "CHANGELOG.md" };
        var follow = new Queue<string>(["README.md"]);
        while (follow.TryDequeue(out string? path))
        {
            Page? page = Pages.All.FirstOrDefault(page => page.Path == path);
            foreach (string target in (page?.Links ?? []).Select(link => Resolve(page!, link.File)))
            {
                // A link to a folder shows all that lies in it.
                var shown = Pages
                    .All.Select(other => other.Path)
                    .Where(other => other == target || Path.GetDirectoryName(other) == target);
                foreach (string next in shown.Where(reached.Add))
                {
                    follow.Enqueue(next);
                }
            }
        }

        Assert.Empty(Pages.All.Select(page => page.Path).Except(reached));
    }

    [Fact]
    public void Every_make_target_that_is_named_exists()
    {
        var targets = Target()
            .Matches(File.ReadAllText(Path.Combine(Checkout.Root, "Makefile")))
            .Select(target => target.Groups[1].Value)
            .ToHashSet();
        var unknown =
            from page in Pages.All
            from command in page.Commands
            from Match make in Make().Matches(command)
            from name in make.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            where !targets.Contains(name)
            select $"{page.Path}: make {name}";
        Assert.Contains("demo", targets);
        Assert.Empty(unknown);
    }

    [Fact]
    public void Every_option_of_the_agent_that_is_typed_exists()
    {
        var known = s_agentOptions.SelectMany(option => option.Aliases.Append(option.Name)).ToHashSet();
        var unknown =
            from page in Pages.All
            from command in page.Commands
            where command.Contains("ocx-node-agent ", StringComparison.Ordinal)
            from Match flag in Flag()
                .Matches(command[command.IndexOf("ocx-node-agent", StringComparison.Ordinal)..].Split('|')[0])
            where !known.Contains(flag.Groups[1].Value)
            select $"{page.Path}: {flag.Groups[1].Value}";
        Assert.Contains("--ring-size", known);
        Assert.Empty(unknown);
    }

    [Fact]
    public void The_page_of_the_gate_lists_every_option_with_its_variable()
    {
        string page = Pages.All.Single(page => page.Path == "docs/gate.md").Text;
        var missing =
            from option in s_gateOptions
            where option.Name is not ("--help" or "--version")
            let variable = Variable().Match(option.Description ?? string.Empty)
            let cell = variable.Success ? $"`{variable.Groups[1].Value}` " : string.Empty
            where !page.Contains($"| `{option.Name}` | {cell}|", StringComparison.Ordinal)
            select option.Name;
        Assert.Contains("--netns", s_gateOptions.Select(option => option.Name));
        Assert.Empty(missing);
    }

    [Fact]
    public void The_page_of_the_agent_lists_every_option_with_its_variable()
    {
        string page = Pages.All.Single(page => page.Path == "docs/agent.md").Text;
        var missing =
            from option in s_agentOptions
            let variable = Variable().Match(option.Description ?? string.Empty)
            where
                variable.Success
                && !option.Description!.StartsWith("With --report", StringComparison.Ordinal)
                && option.Name is not ("--report" or "--report-interval" or "--pods")
            where !page.Contains($"| `{option.Name}` | `{variable.Groups[1].Value}` |", StringComparison.Ordinal)
            select option.Name;
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_warning_and_every_error_that_is_logged_is_explained() =>
        AssertExplained("src", "LogMessages.cs", Trouble(), moreThan: 15);

    [Theory]
    [InlineData("src/Ocx.NodeAgent", 7)]
    [InlineData("src/Ocx.NodeProgram", 0)]
    [InlineData("src/Ocx.Gate", 4)]
    public void Every_reason_not_to_start_is_explained(string program, int moreThan) =>
        AssertExplained(program, "*.cs", NoStart(), moreThan);

    [Fact]
    public void Every_reason_of_a_condition_is_explained()
    {
        string page = Pages.All.Single(page => page.Path == "docs/troubleshooting.md").Text;
        string status = Path.Combine(Checkout.Root, "src/Ocx.Operator/Status");
        string source = string.Concat(Directory.GetFiles(status, "*.cs").Select(File.ReadAllText));
        string[] reasons = [.. Reason().Matches(source).Select(reason => reason.Groups[1].Value).Distinct()];
        Assert.Contains("NoNodes", reasons);
        Assert.Contains("NoTap", reasons);
        Assert.DoesNotContain(reasons, reason => !page.Contains($"`{reason}`", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_alert_leads_to_its_section()
    {
        Page page = Pages.All.Single(page => page.Path == "docs/operations.md");
        MatchCollection alerts = Alert()
            .Matches(File.ReadAllText(Path.Combine(Checkout.Root, "deploy/helm/ocx-tap/rules/ocx-tap.yaml")));
        Assert.NotEmpty(alerts);
        Assert.All(
            alerts,
            alert =>
            {
                Assert.Equal(
                    ("docs/operations.md", alert.Groups[1].Value.ToLowerInvariant()),
                    (alert.Groups[2].Value, alert.Groups[3].Value)
                );
                Assert.Contains(alert.Groups[3].Value, page.Anchors);
            }
        );
    }

    private static void AssertExplained(string folder, string files, Regex pattern, int moreThan)
    {
        string page = Space().Replace(Pages.All.Single(page => page.Path == "docs/troubleshooting.md").Text, " ");
        string[] messages =
        [
            .. Directory
                .EnumerateFiles(Path.Combine(Checkout.Root, folder), files, SearchOption.AllDirectories)
                .SelectMany(file => pattern.Matches(File.ReadAllText(file)))
                .Select(message => string.Concat(message.Groups["text"].Captures)),
        ];
        Assert.True(messages.Length > moreThan, $"{messages.Length} messages were found in the source");
        Assert.DoesNotContain(messages, message => !page.Contains(Fixed(message), StringComparison.Ordinal));
    }

    // What stands between the values that a message is filled with, the longest piece of it.
    private static string Fixed(string message) =>
        Value().Split(message).MaxBy(piece => piece.Length)!.Trim(' ', ':', ';');

    private static bool Leads(Page from, string file, string anchor)
    {
        string target = Resolve(from, file);
        string full = Path.Combine(Checkout.Root, target);
        return (File.Exists(full) || Directory.Exists(full))
            && (anchor.Length == 0 || Pages.All.Single(page => page.Path == target).Anchors.Contains(anchor));
    }

    private static string Resolve(Page from, string file) =>
        file.Length == 0
            ? from.Path
            : Path.GetRelativePath(
                    Checkout.Root,
                    Path.GetFullPath(Path.Combine(Checkout.Root, Path.GetDirectoryName(from.Path)!, file))
                )
                .TrimEnd('/');

    [GeneratedRegex(@"^([a-z][a-z0-9-]*):", RegexOptions.Multiline)]
    private static partial Regex Target();

    // Words up to a comment, a variable or the end: "make lint test", "make e2e KUBECONFIG=…".
    [GeneratedRegex(@"(?:^|[;&] *|sudo )make((?: [a-z][a-z0-9-]*)+)(?= *(?:$|#|[A-Z;&|]))")]
    private static partial Regex Make();

    [GeneratedRegex(@"(?<=\s)(--[a-z][a-z-]*)")]
    private static partial Regex Flag();

    // A message may stand in several literals that are added.
    [GeneratedRegex(
        @"LogLevel\.(?:Warning|Error),(?:\s*Message =)?\s*"
            + @"""(?<text>(?:[^""\\]|\\.)*)""(?:\s*\+ ""(?<text>(?:[^""\\]|\\.)*)"")*"
    )]
    private static partial Regex Trouble();

    [GeneratedRegex(
        @"new StartupException\(\s*"
            + @"\$?""(?<text>(?:\{[^}]*\}|[^""\\{])+)""(?:\s*\+ \$?""(?<text>(?:\{[^}]*\}|[^""\\{])+)"")*"
    )]
    private static partial Regex NoStart();

    // The page breaks its lines where it must.
    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Value();

    [GeneratedRegex(@"new Assessment\([^,]+,\s+""(\w+)""")]
    private static partial Regex Reason();

    [GeneratedRegex(
        @"- alert: (\w+)\n(?:(?! +- alert:).*\n)*? +runbook_url: "
            + @"https://github\.com/ocx-dev/ocx-tap/blob/main/(\S+)#(\S+)"
    )]
    private static partial Regex Alert();

    [GeneratedRegex(@"\[(OCX_[A-Z_]+)\]")]
    private static partial Regex Variable();
}
