using System.Text;

namespace Ocx.Audit.Expressions;

/// <summary>A set of code points: what one place of a regular expression takes.</summary>
internal sealed class RuneSet
{
    private const int Last = 0x10ffff;
    private readonly (int First, int Last)[] _ranges;
    private readonly UInt128 _ascii;
    private readonly bool _anyCase;

    private RuneSet(IEnumerable<(int First, int Last)> ranges, bool anyCase)
    {
        _ranges = Merge(ranges);
        _anyCase = anyCase;
        for (var c = 0; c < 128; c++)
        {
            if (IsInRanges(c) || (anyCase && IsInRanges(c ^ 0x20) && char.IsAsciiLetter((char)c)))
            {
                _ascii |= UInt128.One << c;
            }
        }
    }

    public static RuneSet All { get; } = new([(0, Last)], false);

    public static RuneSet AllButNewLine { get; } = new([(0, '\n' - 1), ('\n' + 1, Last)], false);

    /// <summary>The classes that one letter stands for, and those with a name; ASCII, as RE2 has them.</summary>
    public static IReadOnlyDictionary<string, (int First, int Last)[]> Classes { get; } =
        new Dictionary<string, (int First, int Last)[]>
        {
            ["d"] = [('0', '9')],
            ["w"] = [('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
            ["s"] = [('\t', '\n'), ('\f', '\r'), (' ', ' ')],
            ["alnum"] = [('0', '9'), ('A', 'Z'), ('a', 'z')],
            ["alpha"] = [('A', 'Z'), ('a', 'z')],
            ["ascii"] = [(0, 127)],
            ["blank"] = [('\t', '\t'), (' ', ' ')],
            ["cntrl"] = [(0, 31), (127, 127)],
            ["digit"] = [('0', '9')],
            ["graph"] = [('!', '~')],
            ["lower"] = [('a', 'z')],
            ["print"] = [(' ', '~')],
            ["punct"] = [('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
            ["space"] = [('\t', '\r'), (' ', ' ')],
            ["upper"] = [('A', 'Z')],
            ["word"] = [('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
            ["xdigit"] = [('0', '9'), ('A', 'F'), ('a', 'f')],
        };

    public static RuneSet Of(IEnumerable<(int First, int Last)> ranges, bool anyCase) => new(ranges, anyCase);

    /// <summary>Everything that is in no range, in any case where that is wanted.</summary>
    public static RuneSet NoneOf(IEnumerable<(int First, int Last)> ranges, bool anyCase) =>
        new(Complement(anyCase ? ranges.SelectMany(InBothCases) : ranges), false);

    public static IEnumerable<(int First, int Last)> Complement(IEnumerable<(int First, int Last)> ranges)
    {
        var next = 0;
        foreach (var (first, last) in Merge(ranges))
        {
            if (first > next)
            {
                yield return (next, first - 1);
            }

            next = last + 1;
        }

        if (next <= Last)
        {
            yield return (next, Last);
        }
    }

    public bool Contains(int rune) =>
        rune < 128 ? (_ascii >> rune & 1) != 0 : IsInRanges(rune) || (_anyCase && IsInOtherCase(rune));

    private bool IsInOtherCase(int rune) =>
        Rune.TryCreate(rune, out var value)
        && (IsInRanges(Rune.ToLowerInvariant(value).Value) || IsInRanges(Rune.ToUpperInvariant(value).Value));

    private bool IsInRanges(int rune)
    {
        var (low, high) = (0, _ranges.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (rune < _ranges[middle].First)
            {
                high = middle - 1;
            }
            else if (rune > _ranges[middle].Last)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    // Ranges of letters have their other case 32 away; beyond ASCII each character of a small range has its own.
    private static IEnumerable<(int First, int Last)> InBothCases((int First, int Last) range)
    {
        yield return range;
        for (var c = range.First; c <= Math.Min(range.Last, range.First + 0x1000); c++)
        {
            if (Rune.TryCreate(c, out var rune))
            {
                var (lower, upper) = (Rune.ToLowerInvariant(rune).Value, Rune.ToUpperInvariant(rune).Value);
                yield return (lower, lower);
                yield return (upper, upper);
            }
        }
    }

    private static (int First, int Last)[] Merge(IEnumerable<(int First, int Last)> ranges)
    {
        var merged = new List<(int First, int Last)>();
        foreach (var range in ranges.OrderBy(range => range.First))
        {
            if (merged.Count > 0 && range.First <= merged[^1].Last + 1)
            {
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, range.Last));
            }
            else
            {
                merged.Add(range);
            }
        }

        return [.. merged];
    }
}
