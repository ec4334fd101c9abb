namespace Ocx.Audit.Rehearsals;

/// <summary>What happened in all clones together.</summary>
public sealed record StateTotals
{
    // Canonical JSON keeps no larger number exactly.
    private const long Largest = (1L << 53) - 1;

    /// <summary>Rows that were inserted.</summary>
    public long RowsInserted { get; init; }

    /// <summary>Rows that were updated.</summary>
    public long RowsUpdated { get; init; }

    /// <summary>Rows that were deleted, those of truncated tables included.</summary>
    public long RowsDeleted { get; init; }

    /// <summary>Keys that were written.</summary>
    public long KeysWritten { get; init; }

    /// <summary>Keys that were deleted.</summary>
    public long KeysDeleted { get; init; }

    /// <summary>Tables, columns or other definitions were changed.</summary>
    public bool SchemaChanged { get; init; }

    /// <summary>How far the clone that was furthest behind its source was behind it.</summary>
    public TimeSpan Lag { get; init; }

    /// <summary>Nothing was changed.</summary>
    public bool IsNothing =>
        !SchemaChanged && (RowsInserted | RowsUpdated | RowsDeleted | KeysWritten | KeysDeleted) == 0;

    /// <summary>The sums; no sum is larger than canonical JSON can keep.</summary>
    public static StateTotals Of(IReadOnlyList<StateEffects> sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        return new StateTotals
        {
            RowsInserted = Sum(one => one.RowsInserted),
            RowsUpdated = Sum(one => one.RowsUpdated),
            RowsDeleted = Add(Sum(one => one.RowsDeleted), Sum(one => one.RowsTruncated)),
            KeysWritten = Sum(one => one.KeysWritten),
            KeysDeleted = Sum(one => one.KeysDeleted),
            SchemaChanged = sources.Any(one => one.SchemaChanged),
            Lag = sources.Count > 0 ? sources.Max(one => one.Lag) : TimeSpan.Zero,
        };

        long Sum(Func<StateEffects, long> of) => sources.Aggregate(0L, (sum, one) => Add(sum, of(one)));
    }

    private static long Add(long a, long b) => Math.Min(Math.Clamp(a, 0, Largest) + Math.Clamp(b, 0, Largest), Largest);
}
