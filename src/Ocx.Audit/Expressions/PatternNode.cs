namespace Ocx.Audit.Expressions;

/// <summary>A part of a regular expression.</summary>
internal abstract record PatternNode;

/// <summary>One character of a set.</summary>
internal sealed record SetPattern(RuneSet Set) : PatternNode;

/// <summary>What takes no character.</summary>
internal sealed record PlacePattern(PatternPlace Place) : PatternNode;

/// <summary>One after the other; of none it is the empty text.</summary>
internal sealed record SequencePattern(IReadOnlyList<PatternNode> Parts) : PatternNode;

/// <summary>One of several.</summary>
internal sealed record AlternativePattern(IReadOnlyList<PatternNode> Parts) : PatternNode;

/// <summary>A part again and again.</summary>
/// <param name="Part">The part.</param>
/// <param name="Least">How often at least.</param>
/// <param name="Most">How often at most; null without end.</param>
internal sealed record RepeatPattern(PatternNode Part, int Least, int? Most) : PatternNode;

/// <summary>Places in a text.</summary>
internal enum PatternPlace
{
    TextStart,
    TextEnd,
    LineStart,
    LineEnd,
    WordEdge,
    NoWordEdge,
}
