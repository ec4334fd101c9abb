namespace Ocx.Audit.Expressions;

/// <summary>What a step of a pattern's program does.</summary>
internal enum PatternStepKind
{
    /// <summary>The pattern matches.</summary>
    Match,

    /// <summary>Takes a character of the set.</summary>
    Set,

    /// <summary>Goes on at that place of the text only.</summary>
    Place,

    /// <summary>Goes on elsewhere.</summary>
    Jump,

    /// <summary>Goes on here and elsewhere.</summary>
    Split,
}

/// <summary>A step of a pattern's program.</summary>
internal readonly record struct PatternStep(
    PatternStepKind Kind,
    int To = 0,
    RuneSet? Set = null,
    PatternPlace Place = 0
);

/// <summary>Writes the program of a pattern.</summary>
internal sealed class PatternProgram
{
    private readonly List<PatternStep> _steps = [];
    private int _parts;

    /// <summary>The program.</summary>
    /// <exception cref="FormatException">It is too large.</exception>
    public static PatternStep[] Of(PatternNode node)
    {
        var program = new PatternProgram();
        program.Write(node);
        program._steps.Add(new(PatternStepKind.Match));
        return [.. program._steps];
    }

    private void Write(PatternNode node)
    {
        // Parts count too: there are some that take no step.
        if (_steps.Count >= TextPattern.LargestProgram || ++_parts > 8 * TextPattern.LargestProgram)
        {
            throw new FormatException("the regular expression is too large: its repetitions multiply");
        }

        switch (node)
        {
            case SetPattern set:
                _steps.Add(new(PatternStepKind.Set, Set: set.Set));
                break;
            case PlacePattern place:
                _steps.Add(new(PatternStepKind.Place, Place: place.Place));
                break;
            case SequencePattern sequence:
                foreach (var part in sequence.Parts)
                {
                    Write(part);
                }

                break;
            case AlternativePattern alternative:
                Write(alternative.Parts);
                break;
            case RepeatPattern repeat:
                Write(repeat);
                break;
        }
    }

    private void Write(IReadOnlyList<PatternNode> alternatives)
    {
        var ends = new List<int>();
        for (var i = 0; i < alternatives.Count; i++)
        {
            var isLast = i == alternatives.Count - 1;
            var split = isLast ? -1 : Reserve();
            Write(alternatives[i]);
            if (!isLast)
            {
                ends.Add(Reserve());
                _steps[split] = new(PatternStepKind.Split, _steps.Count);
            }
        }

        foreach (var end in ends)
        {
            _steps[end] = new(PatternStepKind.Jump, _steps.Count);
        }
    }

    private void Write(RepeatPattern repeat)
    {
        for (var i = 0; i < repeat.Least; i++)
        {
            Write(repeat.Part);
        }

        if (repeat.Most is null)
        {
            var split = Reserve();
            Write(repeat.Part);
            _steps.Add(new(PatternStepKind.Jump, split));
            _steps[split] = new(PatternStepKind.Split, _steps.Count);
            return;
        }

        var splits = new List<int>();
        for (var i = repeat.Least; i < repeat.Most; i++)
        {
            splits.Add(Reserve());
            Write(repeat.Part);
        }

        foreach (var split in splits)
        {
            _steps[split] = new(PatternStepKind.Split, _steps.Count);
        }
    }

    private int Reserve()
    {
        _steps.Add(default);
        return _steps.Count - 1;
    }
}
