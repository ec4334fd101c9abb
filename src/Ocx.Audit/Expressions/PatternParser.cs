using System.Globalization;
using System.Text;

namespace Ocx.Audit.Expressions;

/// <summary>
/// Reads a regular expression as RE2 does, which is CEL's own. Left out: <c>\p</c>, <c>\C</c>, <c>\Q</c> and the flag
/// <c>U</c>.
/// </summary>
internal sealed class PatternParser
{
    private const int MostRepeats = 1000;
    private readonly string _pattern;
    private int _at;
    private (bool AnyCase, bool Lines, bool DotAll) _flags;

    private PatternParser(string pattern) => _pattern = pattern;

    private bool IsAtEnd => _at >= _pattern.Length;

    private ReadOnlySpan<char> Rest => _pattern.AsSpan(_at);

    /// <summary>Reads it.</summary>
    /// <exception cref="FormatException">It is none; the message says why.</exception>
    public static PatternNode Parse(string pattern)
    {
        var parser = new PatternParser(pattern);
        var node = parser.Alternatives();
        return parser.IsAtEnd ? node : throw new FormatException("')' closes nothing");
    }

    private PatternNode Alternatives()
    {
        List<PatternNode> parts = [Sequence()];
        while (Take("|"))
        {
            parts.Add(Sequence());
        }

        return parts.Count == 1 ? parts[0] : new AlternativePattern(parts);
    }

    private SequencePattern Sequence()
    {
        var parts = new List<PatternNode>();
        while (!IsAtEnd && _pattern[_at] is not ('|' or ')'))
        {
            if (Repetition() is not null)
            {
                throw new FormatException("there is nothing to repeat before a '*', '+', '?' or '{'");
            }

            var part = Atom();
            if (part is null)
            {
                continue;
            }

            if (Repetition() is { } times)
            {
                // The shortest or the longest: whether there is a match is the same.
                Take("?");
                part = new RepeatPattern(part, times.Least, times.Most);
            }

            parts.Add(part);
        }

        return new(parts);
    }

    private (int Least, int? Most)? Repetition()
    {
        if (Take("*"))
        {
            return (0, null);
        }

        if (Take("+"))
        {
            return (1, null);
        }

        if (Take("?"))
        {
            return (0, 1);
        }

        // What is no count is text.
        var end = Rest.IndexOf('}');
        if (IsAtEnd || _pattern[_at] != '{' || end < 0)
        {
            return null;
        }

        var counts = Rest[1..end].ToString().Split(',');
        if (
            counts.Length > 2
            || !IsCount(counts[0])
            || (counts.Length == 2 && counts[1].Length > 0 && !IsCount(counts[1]))
        )
        {
            return null;
        }

        _at += end + 1;
        var least = Count(counts[0]);
        int? most =
            counts.Length == 1 ? least
            : counts[1].Length == 0 ? null
            : Count(counts[1]);
        return most < least
            ? throw new FormatException("a repetition's counts are the wrong way round")
            : (least, most);
    }

    private static bool IsCount(string text) => text.Length > 0 && text.All(char.IsAsciiDigit);

    private static int Count(string digits) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= MostRepeats
            ? count
            : throw new FormatException($"a repetition is at most {MostRepeats} times");

    // Null of flags, which stand for nothing.
    private PatternNode? Atom()
    {
        switch (_pattern[_at])
        {
            case '(':
                return Group();
            case '[':
                _at++;
                return new SetPattern(Brackets());
            case '.':
                _at++;
                return new SetPattern(_flags.DotAll ? RuneSet.All : RuneSet.AllButNewLine);
            case '^':
                _at++;
                return new PlacePattern(_flags.Lines ? PatternPlace.LineStart : PatternPlace.TextStart);
            case '$':
                _at++;
                return new PlacePattern(_flags.Lines ? PatternPlace.LineEnd : PatternPlace.TextEnd);
            case '\\':
                _at++;
                return Escape();
            default:
                return new SetPattern(One(Next()));
        }
    }

    private PatternNode? Group()
    {
        _at++;
        var before = _flags;
        if (Take("?P<") || Take("?<"))
        {
            var end = Rest.IndexOf('>');
            if (end <= 0 || !Rest[..end].ToString().All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            {
                throw new FormatException("a group's name has letters, digits and '_'");
            }

            _at += end + 1;
        }
        else if (Take("?") && Flags())
        {
            return null;
        }

        var node = Alternatives();
        _flags = before;
        return Take(")") ? node : throw new FormatException("a '(' is not closed");
    }

    // True of (?i), which holds for the rest of the group; false of (?: and (?i:
    private bool Flags()
    {
        var isOn = true;
        while (!IsAtEnd)
        {
            switch (_pattern[_at++])
            {
                case '-' when isOn:
                    isOn = false;
                    break;
                case 'i':
                    _flags.AnyCase = isOn;
                    break;
                case 'm':
                    _flags.Lines = isOn;
                    break;
                case 's':
                    _flags.DotAll = isOn;
                    break;
                case ':':
                    return false;
                case ')':
                    return true;
                default:
                    throw new FormatException("of the groups with '(?', these are known: (?: (?P<name> (?i) (?m) (?s)");
            }
        }

        throw new FormatException("a '(' is not closed");
    }

    private RuneSet Brackets()
    {
        var isNegated = Take("^");
        var ranges = new List<(int First, int Last)>();
        for (var isFirst = true; isFirst || IsAtEnd || _pattern[_at] != ']'; isFirst = false)
        {
            if (IsAtEnd)
            {
                throw new FormatException("a '[' is not closed");
            }

            if (Take("[:"))
            {
                ranges.AddRange(NamedClass());
            }
            else if (_pattern[_at] == '\\' && _at + 1 < _pattern.Length && LetterClass(_pattern[_at + 1]) is { } letter)
            {
                _at += 2;
                ranges.AddRange(letter);
            }
            else
            {
                var first = InBrackets();
                var isRange = Rest is ['-', not ']', ..];
                _at += isRange ? 1 : 0;
                var last = isRange ? InBrackets() : first;
                ranges.Add(last >= first ? (first, last) : throw new FormatException("a range is the wrong way round"));
            }
        }

        _at++;
        return isNegated ? RuneSet.NoneOf(ranges, _flags.AnyCase) : RuneSet.Of(ranges, _flags.AnyCase);
    }

    private IEnumerable<(int First, int Last)> NamedClass()
    {
        var isNegated = Take("^");
        var end = Rest.IndexOf(":]");
        if (end < 0 || !RuneSet.Classes.TryGetValue(Rest[..end].ToString(), out var ranges) || end < 4)
        {
            throw new FormatException("there is no such class: [:alpha:], [:digit:] and their like are known");
        }

        _at += end + 2;
        return isNegated ? RuneSet.Complement(ranges) : ranges;
    }

    private int InBrackets() => Take("\\") ? EscapedRune() : Next();

    private PatternNode Escape()
    {
        if (!IsAtEnd && LetterClass(_pattern[_at]) is { } ranges)
        {
            _at++;
            return new SetPattern(RuneSet.Of(ranges, anyCase: false));
        }

        PatternPlace? place = Rest switch
        {
            ['A', ..] => PatternPlace.TextStart,
            ['z', ..] => PatternPlace.TextEnd,
            ['b', ..] => PatternPlace.WordEdge,
            ['B', ..] => PatternPlace.NoWordEdge,
            _ => null,
        };
        _at += place is null ? 0 : 1;
        return place is { } known ? new PlacePattern(known) : new SetPattern(One(EscapedRune()));
    }

    private static IEnumerable<(int First, int Last)>? LetterClass(char letter) =>
        letter switch
        {
            'd' or 'w' or 's' => RuneSet.Classes[letter.ToString()],
            'D' or 'W' or 'S' => RuneSet.Complement(RuneSet.Classes[char.ToLowerInvariant(letter).ToString()]),
            _ => null,
        };

    // Behind the backslash.
    private int EscapedRune()
    {
        if (IsAtEnd)
        {
            throw new FormatException("a '\\' stands at the end");
        }

        var rune = Next();
        return rune switch
        {
            'a' => '\a',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\v',
            'x' => Hexadecimal(),
            < 128 when char.IsAsciiLetterOrDigit((char)rune) => throw new FormatException(
                $"'\\{(char)rune}' is not supported"
            ),
            _ => rune,
        };
    }

    private int Hexadecimal()
    {
        var inBraces = Take("{");
        var length = inBraces ? Rest.IndexOf('}') : Math.Min(2, Rest.Length);
        if (
            length is < 1 or > 6
            || !int.TryParse(Rest[..length], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var rune)
            || rune > 0x10ffff
        )
        {
            throw new FormatException("'\\x' takes two hexadecimal digits, or some in braces");
        }

        _at += length + (inBraces ? 1 : 0);
        return rune;
    }

    private RuneSet One(int rune) => RuneSet.Of([(rune, rune)], _flags.AnyCase);

    private int Next()
    {
        Rune.DecodeFromUtf16(Rest, out var rune, out var length);
        _at += length;
        return rune.Value;
    }

    private bool Take(string text)
    {
        var isNext = Rest.StartsWith(text, StringComparison.Ordinal);
        _at += isNext ? text.Length : 0;
        return isNext;
    }
}
