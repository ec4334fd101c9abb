namespace Ocx.Auditor.Cluster;

/// <summary>The last time that something was written, which is not written again at once.</summary>
/// <param name="Text">What was to be written.</param>
/// <param name="At">When, by the clock's timestamps.</param>
/// <param name="Refusal">Why the API server did not take it; null when it did.</param>
internal sealed record StatusAttempt(string Text, long At, string? Refusal)
{
    // What the watch has not brought by then is not what the API server has.
    private static readonly TimeSpan s_lag = TimeSpan.FromSeconds(30);

    // The same write is refused again until somebody changes something.
    private static readonly TimeSpan s_refused = TimeSpan.FromMinutes(1);

    /// <summary>Is this not to be written now?</summary>
    public bool StillHolds(string text, TimeProvider time) =>
        Refusal is null ? Text == text && time.GetElapsedTime(At) < s_lag : time.GetElapsedTime(At) < s_refused;
}
