using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Ocx.Audit.Expressions;

/// <summary>
/// The regular expressions of CEL are RE2's; these are .NET's without backtracking, whose time is linear in the text
/// too. What .NET reads otherwise than RE2 is rewritten (<c>$</c>, <c>\d</c>, <c>\w</c>, <c>\s</c>, <c>(?P&lt;</c>, a
/// bracket within brackets); what cannot be is refused.
/// </summary>
internal sealed class TextPattern
{
    private static readonly SearchValues<char> s_count = SearchValues.Create("0123456789,");

    // What is charged ends long before; this is for a pattern whose cost was thought too small.
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(1);

    private readonly Regex _regex;
    private readonly int _costOfOne;

    private TextPattern(Regex regex, int costOfOne)
    {
        _regex = regex;
        _costOfOne = costOfOne;
    }

    /// <summary>Makes a regular expression of RE2's text.</summary>
    /// <exception cref="FormatException">It cannot be used; the message says why.</exception>
    public static TextPattern Compile(string pattern)
    {
        if (pattern.Length > CelLimits.PatternLength)
        {
            throw new FormatException($"a regular expression has at most {CelLimits.PatternLength} characters");
        }

        try
        {
            var rewritten = Rewrite(pattern, out var repetitions);
            return new(
                new Regex(rewritten, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, s_longest),
                1 + ((int)repetitions / 16) + (pattern.Length / 64)
            );
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new FormatException($"no regular expression: {e.Message}", e);
        }
    }

    /// <summary>Is a part of the text so?</summary>
    public CelValue IsMatch(Evaluation evaluation, string text)
    {
        // A step of the automaton for each character, which costs more where it can be in many states at once.
        if (!evaluation.Spend((8L + text.Length) * _costOfOne))
        {
            return CelValue.Exhausted;
        }

        try
        {
            return CelValue.Of(_regex.IsMatch(text));
        }
        catch (RegexMatchTimeoutException)
        {
            return CelValue.Exhausted;
        }
    }

    private static string Rewrite(string pattern, out long repetitions)
    {
        var to = new StringBuilder();
        var isInClass = false;
        repetitions = 1;
        for (var i = 0; i < pattern.Length; i++)
        {
            var rest = pattern.AsSpan(i);
            switch (rest[0])
            {
                case '\\' when rest.Length > 1:
                    to.Append(Escape(rest[1], isInClass));
                    i++;
                    break;
                case '[' when isInClass:
                    if (rest is ['[', ':', ..])
                    {
                        throw new FormatException("classes such as [:alpha:] are not supported: write [A-Za-z]");
                    }

                    to.Append("\\[");
                    break;
                case '[':
                    isInClass = true;

                    // A bracket that comes first closes nothing.
                    var first = rest is ['[', '^', ..] ? "[^" : "[";
                    i += first.Length - 1;
                    to.Append(first);
                    if (i + 1 < pattern.Length && pattern[i + 1] == ']')
                    {
                        to.Append("\\]");
                        i++;
                    }

                    break;
                case ']':
                    isInClass = false;
                    to.Append(']');
                    break;
                case '$' when !isInClass:
                    to.Append("\\z");
                    break;
                case '(' when !isInClass && rest is ['(', '?', 'P', '<', ..]:
                    to.Append("(?<");
                    i += "(?P<".Length - 1;
                    break;
                case '(' when !isInClass && rest is ['(', '?', ..] && !IsGroup(rest[2..]):
                    throw new FormatException("of the groups with '(?', these are supported: (?: (?i) (?s) (?P<name>");
                case '{' when !isInClass:
                    repetitions = Multiply(repetitions, rest);
                    to.Append('{');
                    break;
                default:
                    to.Append(rest[0]);
                    break;
            }
        }

        return to.ToString();
    }

    private static bool IsGroup(ReadOnlySpan<char> rest) =>
        rest is [':', ..] or ['<', not ('=' or '!'), ..]
        || (rest.IndexOfAnyExcept("is-") is var end and > 0 && rest[end] is ')' or ':');

    private static string Escape(char c, bool isInClass) =>
        (c, isInClass) switch
        {
            ('d', false) => "[0-9]",
            ('d', true) => "0-9",
            ('w', false) => "[0-9A-Za-z_]",
            ('w', true) => "0-9A-Za-z_",
            ('s', false) => "[\\t\\n\\f\\r ]",
            ('s', true) => "\\t\\n\\f\\r ",
            ('D', false) => "[^0-9]",
            ('W', false) => "[^0-9A-Za-z_]",
            ('S', false) => "[^\\t\\n\\f\\r ]",
            ('D' or 'W' or 'S', true) => throw new FormatException($"'\\{c}' within brackets is not supported"),
            _ when char.IsAsciiLetterOrDigit(c) && !"abfnrtvxABpPz".Contains(c, StringComparison.Ordinal) =>
                throw new FormatException($"'\\{c}' is not supported"),
            _ => $"\\{c}",
        };

    // Each count multiplies the automaton. What is no count is text.
    private static long Multiply(long repetitions, ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOf('}');
        if (end < 0 || rest[1..end].ContainsAnyExcept(s_count))
        {
            return repetitions;
        }

        long most = 1;
        foreach (var range in rest[1..end].Split(','))
        {
            var digits = rest[1..end][range];
            most =
                digits.Length > 4 ? long.MaxValue / CelLimits.PatternRepetitions
                : digits.Length == 0 ? most
                : Math.Max(most, int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture));
        }

        repetitions *= most;
        if (repetitions > CelLimits.PatternRepetitions)
        {
            throw new FormatException(
                $"the counts of a regular expression, multiplied, are at most {CelLimits.PatternRepetitions}"
            );
        }

        return repetitions;
    }
}
