using System.Text;

namespace Ocx.Audit.Expressions;

/// <summary>
/// A regular expression as an automaton that is in all its states at once (Thompson's): a text costs at most the
/// product of its length and the number of steps, and each step is charged. .NET's engine without backtracking makes
/// states as it goes, some of which take it a millisecond, and can only be stopped by the clock.
/// </summary>
internal sealed class TextPattern
{
    /// <summary>The most steps of a pattern's program.</summary>
    public const int LargestProgram = 1000;

    private readonly PatternStep[] _program;

    private TextPattern(PatternStep[] program) => _program = program;

    /// <summary>Makes a regular expression of RE2's text.</summary>
    /// <exception cref="FormatException">It cannot be used; the message says why.</exception>
    public static TextPattern Compile(string pattern) =>
        pattern.Length <= CelLimits.PatternLength
            ? new(PatternProgram.Of(PatternParser.Parse(pattern)))
            : throw new FormatException($"a regular expression has at most {CelLimits.PatternLength} characters");

    /// <summary>Is a part of the text so?</summary>
    public CelValue IsMatch(Evaluation evaluation, string text)
    {
        if (!evaluation.Spend(2 + (_program.Length / 16)))
        {
            return CelValue.Exhausted;
        }

        var states = evaluation.PatternStates(_program.Length);
        states.Begin();
        var run = new Run(_program, states);
        var rest = text.AsSpan();
        var (before, here) = (-1, Decode(ref rest));
        while (true)
        {
            run.Place = (before, here);
            if (run.Enter(0))
            {
                return CelValue.True;
            }

            if (here < 0 || run.IsOver)
            {
                return CelValue.False;
            }

            (before, here) = (here, Decode(ref rest));
            run.Place = (before, here);
            if (run.Step(before))
            {
                return CelValue.True;
            }

            if (run.Work >= 64)
            {
                if (!evaluation.Spend(run.Work / 4))
                {
                    return CelValue.Exhausted;
                }

                run.Work = 0;
            }
        }
    }

    // The next code point; less than 0 at the end.
    private static int Decode(ref ReadOnlySpan<char> rest)
    {
        if (rest.IsEmpty)
        {
            return -1;
        }

        Rune.DecodeFromUtf16(rest, out var rune, out var length);
        rest = rest[length..];
        return rune.Value;
    }

    /// <summary>The states while a text is read.</summary>
    private ref struct Run(PatternStep[] program, PatternStates states)
    {
        /// <summary>The characters before and behind the place in the text; less than 0 where it ends.</summary>
        public (int Before, int Behind) Place;

        /// <summary>What was done.</summary>
        public int Work;

        /// <summary>Nothing can match any more: it was to begin with the text.</summary>
        public readonly bool IsOver =>
            states.Count == 0 && program[0] is { Kind: PatternStepKind.Place, Place: PatternPlace.TextStart };

        /// <summary>Is in a step, and in all that follow without a character.</summary>
        /// <returns>True when that is a match.</returns>
        public bool Enter(int first)
        {
            states.Push(first);
            while (states.TryPop(out var at))
            {
                Work++;
                if (!states.Mark(at))
                {
                    continue;
                }

                var step = program[at];
                switch (step.Kind)
                {
                    case PatternStepKind.Match:
                        return true;
                    case PatternStepKind.Set:
                        states.Add(at);
                        break;
                    case PatternStepKind.Place when IsAt(step.Place):
                        states.Push(at + 1);
                        break;
                    case PatternStepKind.Jump:
                        states.Push(step.To);
                        break;
                    case PatternStepKind.Split:
                        states.Push(at + 1);
                        states.Push(step.To);
                        break;
                }
            }

            return false;
        }

        /// <summary>Takes a character. The place is the one behind it.</summary>
        public bool Step(int rune)
        {
            foreach (var at in states.Turn())
            {
                Work++;
                if (program[at].Set!.Contains(rune) && Enter(at + 1))
                {
                    return true;
                }
            }

            return false;
        }

        private readonly bool IsAt(PatternPlace place) =>
            place switch
            {
                PatternPlace.TextStart => Place.Before < 0,
                PatternPlace.TextEnd => Place.Behind < 0,
                PatternPlace.LineStart => Place.Before is < 0 or '\n',
                PatternPlace.LineEnd => Place.Behind is < 0 or '\n',
                PatternPlace.WordEdge => IsWord(Place.Before) != IsWord(Place.Behind),
                _ => IsWord(Place.Before) == IsWord(Place.Behind),
            };

        private static bool IsWord(int rune) =>
            rune is >= 0 and < 128 && (char.IsAsciiLetterOrDigit((char)rune) || rune == '_');
    }
}
