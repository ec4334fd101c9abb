namespace Ocx.State.Clones;

/// <summary>How many clones a pool keeps.</summary>
public sealed record ClonePoolOptions
{
    /// <summary>How many are kept warm.</summary>
    public int Warm { get; init; } = 1;

    /// <summary>How many there may be at all, taken ones and such as are being made among them.</summary>
    public int Most { get; init; } = 4;

    /// <summary>The pause after a first failure; each further one doubles it.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause between two tries.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often warm clones are looked at.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(1);
}
