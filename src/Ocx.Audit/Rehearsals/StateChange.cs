namespace Ocx.Audit.Rehearsals;

/// <summary>One change of a row or of a key.</summary>
public sealed record StateChange
{
    /// <summary>The table, <c>schema.table</c>, or the key.</summary>
    public required string Target { get; init; }

    /// <summary><c>insert</c>, <c>update</c>, <c>delete</c> or <c>truncate</c>; of Redis the command's name.</summary>
    public required string Operation { get; init; }

    /// <summary>What was there before; null when it is not known, or there was nothing.</summary>
    public IReadOnlyList<StateField>? Old { get; init; }

    /// <summary>What is there now; null when it is not known, or there is nothing.</summary>
    public IReadOnlyList<StateField>? New { get; init; }
}

/// <summary>A value of a row or of a key.</summary>
/// <param name="Name">The column; of Redis the field, or <c>value</c>.</param>
/// <param name="Value">
/// The value as text, cut after <see cref="EffectsLimits.Value"/> characters; null is SQL's NULL.
/// </param>
public sealed record StateField(string Name, string? Value);
