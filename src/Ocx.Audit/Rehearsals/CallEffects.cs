namespace Ocx.Audit.Rehearsals;

/// <summary>
/// What a rehearsed call did. A part is null when it was not observed: it is never empty in its place.
/// </summary>
public sealed record CallEffects
{
    /// <summary>What happened in the clones, one for each source; null without any, or if not read.</summary>
    public IReadOnlyList<StateEffects>? State { get; init; }

    /// <summary>The files of the sandbox; null when nobody watched them.</summary>
    public FileEffects? Files { get; init; }

    /// <summary>The programs that it started; null when nobody watched them.</summary>
    public ProcessEffects? Processes { get; init; }

    /// <summary>The connections that it tried; null when nobody watched them.</summary>
    public NetworkEffects? Network { get; init; }

    /// <summary>Nothing was observed.</summary>
    public static CallEffects NotObserved { get; } = new();
}
