namespace Ocx.Sandbox.Pooling;

/// <summary>How many shadows are held ready, and how they are made.</summary>
public sealed record ShadowPoolOptions
{
    /// <summary>Shadows that wait for a call.</summary>
    public int Warm { get; init; } = 2;

    /// <summary>The least time from the beginning of one start to that of the next.</summary>
    public TimeSpan BetweenStarts { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The pause after a start that failed; it doubles with each that fails in a row.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long one waits for a call at most: a server's state grows old.</summary>
    public TimeSpan OldestWarm { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>How a pool is.</summary>
/// <param name="Warm">Shadows that wait for a call.</param>
/// <param name="Started">Shadows that became ready, ever.</param>
/// <param name="Failed">Starts that failed, ever.</param>
/// <param name="Failure">Why the last start failed, by its name; null where it did not.</param>
public readonly record struct ShadowPoolStatus(int Warm, long Started, long Failed, string? Failure);
