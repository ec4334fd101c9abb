namespace Ocx.Audit.Jury;

/// <summary>A juror's place in a jury: how long it may take, and what its failure means.</summary>
/// <param name="Juror">Who sits there.</param>
/// <param name="TimeLimit">How long it may take, from the question; more than nothing, at most a day.</param>
/// <param name="OnFailure">
/// Its vote when it fails: it throws, takes too long, says nothing that can be understood, or has too much to do.
/// <see cref="Ballot.Abstain"/>, <see cref="Ballot.Refuse"/> or <see cref="Ballot.Hold"/>; never
/// <see cref="Ballot.Release"/>: whoever can make a juror fail could then release his own call.
/// </param>
/// <param name="MaxUnderWay">
/// How many of its calls may be under way, those that nobody waits for any more included. Beyond that it fails as
/// <see cref="JurorFailure.Busy"/>: a juror that hangs costs so much, and no more.
/// </param>
public sealed record Seat(IJuror Juror, TimeSpan TimeLimit, Ballot OnFailure, int MaxUnderWay = 128);
