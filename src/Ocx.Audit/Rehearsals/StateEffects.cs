namespace Ocx.Audit.Rehearsals;

/// <summary>Which kind of database a clone is of.</summary>
public enum StateKind
{
    /// <summary>PostgreSQL.</summary>
    PostgreSql,

    /// <summary>Redis, or Valkey.</summary>
    Redis,
}

/// <summary>What happened in one clone.</summary>
public sealed record StateEffects
{
    /// <summary>The source's name: <c>spec.rehearsal.state[].name</c>.</summary>
    public required string Source { get; init; }

    /// <summary>What it is.</summary>
    public required StateKind Kind { get; init; }

    /// <summary>Rows inserted, exact.</summary>
    public long RowsInserted { get; init; }

    /// <summary>Rows updated, exact.</summary>
    public long RowsUpdated { get; init; }

    /// <summary>Rows deleted one by one, exact.</summary>
    public long RowsDeleted { get; init; }

    /// <summary>Rows that were in tables when these were truncated.</summary>
    public long RowsTruncated { get; init; }

    /// <summary>Keys that are there now with another value than before, or that were not there before.</summary>
    public long KeysWritten { get; init; }

    /// <summary>Keys that were there and no longer are.</summary>
    public long KeysDeleted { get; init; }

    /// <summary>True when tables, functions, roles or rights are others than before.</summary>
    public bool SchemaChanged { get; init; }

    /// <summary>The first changes, bounded.</summary>
    public required IReadOnlyList<StateChange> Changes { get; init; }

    /// <summary>True when there were more changes than are listed; the counts are exact all the same.</summary>
    public bool IsCut { get; init; }

    /// <summary>How far the clone was behind its source when it was taken.</summary>
    public TimeSpan Lag { get; init; }
}

/// <summary>One change in a clone.</summary>
public sealed record StateChange
{
    /// <summary><c>schema.table</c>, or the key.</summary>
    public required string Target { get; init; }

    /// <summary><c>insert</c>, <c>update</c>, <c>delete</c>, <c>truncate</c>, or the command's name.</summary>
    public required string Operation { get; init; }

    /// <summary>What was there before; null when nothing was, or when it is not known.</summary>
    public IReadOnlyList<StateField>? Old { get; init; }

    /// <summary>What is there now; null when nothing is.</summary>
    public IReadOnlyList<StateField>? New { get; init; }
}

/// <summary>A column, or a part of a key's value.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value as text, cut at a bound; null is SQL's NULL.</param>
public sealed record StateField(string Name, string? Value);
