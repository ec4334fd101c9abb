namespace Ocx.Audit.Rehearsals;

/// <summary>Files that the call left otherwise than they were, each by its path in the sandbox.</summary>
public sealed record FileEffects
{
    /// <summary>Those that are new.</summary>
    public required IReadOnlyList<string> Created { get; init; }

    /// <summary>Those whose content is another.</summary>
    public required IReadOnlyList<string> Changed { get; init; }

    /// <summary>Those that are gone.</summary>
    public required IReadOnlyList<string> Deleted { get; init; }

    /// <summary>There were more than are listed.</summary>
    public bool IsCut { get; init; }
}

/// <summary>Programs that were started.</summary>
public sealed record ProcessEffects
{
    /// <summary>The path of each program. Arguments are never kept: they may hold secrets.</summary>
    public required IReadOnlyList<string> Started { get; init; }

    /// <summary>There were more than are listed.</summary>
    public bool IsCut { get; init; }
}

/// <summary>Connections that were tried, those to the clones included.</summary>
public sealed record NetworkEffects
{
    /// <summary>The connections.</summary>
    public required IReadOnlyList<ConnectionTry> Tried { get; init; }

    /// <summary>There were more than are listed.</summary>
    public bool IsCut { get; init; }
}

/// <summary>A connection that was tried.</summary>
/// <param name="Address">Where to, <c>10.0.0.7</c> or <c>fd00::1</c>.</param>
/// <param name="Port">The port.</param>
/// <param name="IsRefused">The sandbox did not let it through.</param>
public readonly record struct ConnectionTry(string Address, int Port, bool IsRefused);
