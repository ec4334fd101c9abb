using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Ocx.Audit.Classes;

/// <summary>
/// A pattern for names of tools: <c>*</c> is any text, also none; <c>?</c> is one character; everything else is itself,
/// and case counts. A name costs a few instructions a character, whatever it and the pattern are: the pattern is an
/// automaton, all of whose states are kept in one word.
/// </summary>
public sealed class Glob
{
    /// <summary>
    /// The most characters of a pattern that are not <c>*</c>: one bit for each, and one for the end.
    /// </summary>
    public const int MaxLength = 127;

    // Bit i: the first i characters of the pattern, its stars left out, are matched.
    private readonly UInt128 _end;

    // Bit i: there is a star before character i, so that any more may come.
    private readonly UInt128 _stars;

    // Bit i: character i of the pattern is ?.
    private readonly UInt128 _any;
    private readonly Dictionary<Rune, UInt128> _characters = [];

    private Glob(string pattern)
    {
        Pattern = pattern;
        UInt128 bit = 1;
        foreach (Rune character in pattern.EnumerateRunes())
        {
            switch (character.Value)
            {
                case '*':
                    _stars |= bit;
                    continue;
                case '?':
                    _any |= bit;
                    break;
                default:
                    _characters[character] = _characters.GetValueOrDefault(character) | bit;
                    break;
            }

            bit <<= 1;
        }

        _end = bit;
    }

    /// <summary>As it was written.</summary>
    public string Pattern { get; }

    /// <summary>Reads a pattern; false for none, and for one longer than <see cref="MaxLength"/>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? pattern, [NotNullWhen(true)] out Glob? glob)
    {
        bool fits =
            pattern is { Length: > 0 and <= 4 * MaxLength }
            && pattern.EnumerateRunes().Count(character => character.Value != '*') <= MaxLength;
        glob = fits ? new Glob(pattern!) : null;
        return fits;
    }

    /// <summary>Does the pattern match the whole name?</summary>
    public bool IsMatch(ReadOnlySpan<char> name)
    {
        UInt128 states = 1;
        foreach (Rune character in name.EnumerateRunes())
        {
            UInt128 matched = states & (_characters.GetValueOrDefault(character) | _any);
            states = (matched << 1) | (states & _stars);
            if (states == 0)
            {
                return false;
            }
        }

        return (states & _end) != 0;
    }

    /// <inheritdoc/>
    public override string ToString() => Pattern;
}
