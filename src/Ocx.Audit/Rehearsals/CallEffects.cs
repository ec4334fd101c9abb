namespace Ocx.Audit.Rehearsals;

/// <summary>What a rehearsed call did. A part is null when it was not observed: never empty in its place.</summary>
public sealed record CallEffects
{
    /// <summary>What happened in each cloned source, one for each.</summary>
    public IReadOnlyList<StateEffects>? State { get; init; }

    /// <summary>What happened to files.</summary>
    public FileEffects? Files { get; init; }

    /// <summary>Which programs were started.</summary>
    public ProcessEffects? Processes { get; init; }

    /// <summary>Which connections were tried.</summary>
    public NetworkEffects? Network { get; init; }
}
