namespace Ocx.NodeAgent;

/// <summary>What was captured and given up since the start, as a part of the agent did not keep up.</summary>
/// <param name="NotFollowed">Segments with payload that the follower of calls did not get.</param>
/// <param name="ControlNotFollowed">
/// Segments without payload, which open or end a connection, that it did not get.
/// </param>
/// <param name="NotPrinted">Segments that standard output did not take.</param>
/// <param name="CallsNotPrinted">Calls whose lines standard output did not take.</param>
internal readonly record struct ShedCounts(
    ulong NotFollowed,
    ulong ControlNotFollowed,
    ulong NotPrinted,
    ulong CallsNotPrinted
);
