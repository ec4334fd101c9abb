using System.Text.RegularExpressions;

namespace Ocx.Cluster.Tests;

/// <summary>A section of a document: what it tells to type, and what it says that is printed.</summary>
internal sealed partial class Page
{
    // What goes on until the user ends it is ended when it has shown what is awaited, or after so many seconds.
    private const int WatchSeconds = 180;

    private readonly string _text;

    /// <summary>Reads a section by its heading, without what follows under headings of the same level.</summary>
    public Page(string document, string heading)
    {
        string page = File.ReadAllText(Checkout.PathOf(document));
        _text = page.Split("\n## ").Single(part => part.StartsWith(heading + "\n", StringComparison.Ordinal));
    }

    /// <summary>All lines of the section's shell blocks.</summary>
    /// <param name="until">What ends each command that would go on for ever: a regular expression of sed's.</param>
    public string Commands(string until = "")
    {
        string script = string.Join(
            '\n',
            Block().Matches(_text).Where(block => block.Groups[1].Value == "sh").Select(block => block.Groups[2].Value)
        );
        Assert.NotEmpty(script);
        return Endless().Replace(script, match => Ending(match.Value, until));
    }

    /// <summary>The commands of a program that stand in the section's text.</summary>
    public string CommandsInText(string program, string until = "")
    {
        string text = Block().Replace(_text, string.Empty);
        string[] commands =
        [
            .. InText()
                .Matches(text)
                .Select(span => span.Groups[1].Value.ReplaceLineEndings(" "))
                .Where(span => span.StartsWith(program + " ", StringComparison.Ordinal)),
        ];
        Assert.NotEmpty(commands);
        return string.Join(
            '\n',
            commands.Select(command => Endless().Replace(command, match => Ending(match.Value, until)))
        );
    }

    /// <summary>
    /// The lines that the section shows as printed, as regular expressions, of sed's too: any time, duration and number
    /// stands for another, and for no other than 0 where it is 0.
    /// </summary>
    public string[] Printed =>
        [
            .. Block()
                .Matches(_text)
                .Where(block => block.Groups[1].Length == 0)
                .SelectMany(block => block.Groups[2].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                .Select(line =>
                    "^" + string.Join(" +", line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Shape))
                ),
        ];

    private static string Shape(string word) =>
        word == "0" ? "0"
        : Number().IsMatch(word) ? "[1-9][0-9]*"
        : Duration().IsMatch(word) ? "([0-9.]+(ns|µs|ms|s|m|h|d))+"
        : Time().IsMatch(word) ? "[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}"
        : Special().Replace(word, @"\$0");

    private static string Ending(string command, string until) =>
        $"sed -E '/{until.Replace("/", "\\/", StringComparison.Ordinal)}/q' < <(timeout {WatchSeconds} {command})";

    [GeneratedRegex(@"^```(\w*)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex InText();

    [GeneratedRegex("^kubectl .* --(?:watch|follow)$", RegexOptions.Multiline)]
    private static partial Regex Endless();

    [GeneratedRegex("^[0-9]+$")]
    private static partial Regex Number();

    [GeneratedRegex(@"^(?:[0-9.]+(?:ns|µs|ms|s|m|h|d))+$")]
    private static partial Regex Duration();

    [GeneratedRegex(@"^\d\d:\d\d:\d\d\.\d{3}$")]
    private static partial Regex Time();

    [GeneratedRegex(@"[.*+?^$(){}|\\[]")]
    private static partial Regex Special();
}
