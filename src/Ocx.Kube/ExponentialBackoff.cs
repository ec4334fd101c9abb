namespace Ocx.Kube;

/// <summary>
/// Delays that double from a first one up to a bound, with jitter, so that many clients do not come back together.
/// </summary>
/// <param name="First">The first delay.</param>
/// <param name="Longest">The bound.</param>
public readonly record struct ExponentialBackoff(TimeSpan First, TimeSpan Longest)
{
    /// <summary>The delay after a number of failures in a row.</summary>
    /// <param name="failures">How many there were before this one.</param>
    /// <returns>Between half and all of the doubled delay.</returns>
    public TimeSpan Delay(int failures)
    {
        var doubled = First * Math.Pow(2, Math.Min(failures, 30));
        return (doubled < Longest ? doubled : Longest) * (0.5 + (Random.Shared.NextDouble() / 2));
    }
}
