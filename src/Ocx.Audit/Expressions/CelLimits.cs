namespace Ocx.Audit.Expressions;

/// <summary>What an expression may be. Whoever may write an audit must not be able to bring the auditor down.</summary>
internal static class CelLimits
{
    /// <summary>Characters of an expression.</summary>
    public const int Length = 4096;

    /// <summary>Tokens of an expression; the depth of what is recursive over it is below that.</summary>
    public const int Tokens = 1024;

    /// <summary>Brackets within brackets, and conditionals: the parser recurses for each.</summary>
    public const int Nesting = 32;

    /// <summary>Macros within macros: what they cost is the product of the lists' lengths.</summary>
    public const int MacroDepth = 2;

    /// <summary>The longest duration: 64 bits of nanoseconds, 292 years.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromTicks(long.MaxValue / TimeSpan.NanosecondsPerTick);

    /// <summary>Characters of a regular expression.</summary>
    public const int PatternLength = 256;
}
