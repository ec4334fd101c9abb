namespace Ocx.Audit.Rehearsals;

/// <summary>What happened to files.</summary>
public sealed record FileEffects
{
    /// <summary>Paths of files that are new.</summary>
    public required IReadOnlyList<string> Created { get; init; }

    /// <summary>Paths of files that were changed.</summary>
    public required IReadOnlyList<string> Changed { get; init; }

    /// <summary>Paths of files that are gone.</summary>
    public required IReadOnlyList<string> Deleted { get; init; }

    /// <summary>True when there were more than are listed.</summary>
    public bool IsCut { get; init; }
}

/// <summary>Which programs were started.</summary>
public sealed record ProcessEffects
{
    /// <summary>The paths of the programs; never their arguments.</summary>
    public required IReadOnlyList<string> Started { get; init; }

    /// <summary>True when there were more than are listed.</summary>
    public bool IsCut { get; init; }
}

/// <summary>Which connections were tried.</summary>
public sealed record NetworkEffects
{
    /// <summary>The tries, in their order.</summary>
    public required IReadOnlyList<ConnectionTry> Tried { get; init; }

    /// <summary>True when there were more than are listed.</summary>
    public bool IsCut { get; init; }
}

/// <summary>A connection that was tried.</summary>
/// <param name="Address">The IP address.</param>
/// <param name="Port">The port.</param>
/// <param name="IsRefused">True when it did not come about.</param>
public readonly record struct ConnectionTry(string Address, int Port, bool IsRefused);
