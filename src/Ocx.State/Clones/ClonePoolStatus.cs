namespace Ocx.State.Clones;

/// <summary>How a pool is.</summary>
/// <param name="Source">The source's name.</param>
/// <param name="Warm">How many clones are ready to be taken.</param>
/// <param name="Taken">How many are taken.</param>
/// <param name="Lag">
/// How long ago the warm clone that is furthest behind had all of its source; null without one.
/// </param>
/// <param name="Failure">Why the last try to make or to follow failed; null when it did not.</param>
/// <param name="Message">What it said.</param>
public sealed record ClonePoolStatus(
    string Source,
    int Warm,
    int Taken,
    TimeSpan? Lag,
    CloneFailure? Failure,
    string? Message
);
