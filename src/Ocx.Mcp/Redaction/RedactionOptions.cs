using System.Text.RegularExpressions;

namespace Ocx.Mcp.Redaction;

/// <summary>What is masked beyond the built-in rules.</summary>
public sealed record RedactionOptions
{
    /// <summary>Places inside arguments and results: <c>$.user.email</c>, <c>$.items[*].key</c>.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Regular expressions without backtracking; what they match inside a string is masked.</summary>
    public IReadOnlyList<string> Patterns { get; init; } = [];

    /// <summary>One line for each entry that cannot be used; empty when all can.</summary>
    public IReadOnlyList<string> Validate()
    {
        var problems = new List<string>();
        problems.AddRange(
            Paths
                .Where(path => !JsonPath.TryParse(path, out _))
                .Select(path => $"redact path '{path}' is not of the form $.name.name[*]")
        );
        foreach (string pattern in Patterns)
        {
            try
            {
                Compile(pattern);
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                problems.Add(
                    $"redact pattern '{pattern}' is not a regular expression without backtracking: {e.Message}"
                );
            }
        }

        return problems;
    }

    // Without backtracking a pattern takes time linear in its input, whatever the wire brings.
    internal static Regex Compile(string pattern) =>
        new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
}
