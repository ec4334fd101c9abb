namespace Ocx.Audit.Rehearsals;

/// <summary>What keeps the state.</summary>
public enum StateKind
{
    /// <summary>A PostgreSQL server.</summary>
    PostgreSql,

    /// <summary>A Redis server, or one that speaks its protocol.</summary>
    Redis,
}

/// <summary>What happened in one clone.</summary>
public sealed record StateEffects
{
    /// <summary>The source's name, that of <c>spec.rehearsal.state[].name</c>.</summary>
    public required string Source { get; init; }

    /// <summary>What it is.</summary>
    public required StateKind Kind { get; init; }

    /// <summary>Rows that were inserted.</summary>
    public long RowsInserted { get; init; }

    /// <summary>Rows that were updated, also those whose values stayed as they were.</summary>
    public long RowsUpdated { get; init; }

    /// <summary>Rows that were deleted; those of a truncated table are counted apart.</summary>
    public long RowsDeleted { get; init; }

    /// <summary>Rows that truncated tables had.</summary>
    public long RowsTruncated { get; init; }

    /// <summary>Keys that were written.</summary>
    public long KeysWritten { get; init; }

    /// <summary>Keys that were deleted.</summary>
    public long KeysDeleted { get; init; }

    /// <summary>Tables, columns or other definitions were changed.</summary>
    public bool SchemaChanged { get; init; }

    /// <summary>The first changes, at most <see cref="EffectsLimits.Changes"/>.</summary>
    public required IReadOnlyList<StateChange> Changes { get; init; }

    /// <summary>There were more changes than are listed. The counts are exact all the same.</summary>
    public bool IsCut { get; init; }

    /// <summary>How far the clone was behind its source when it was taken.</summary>
    public TimeSpan Lag { get; init; }
}
