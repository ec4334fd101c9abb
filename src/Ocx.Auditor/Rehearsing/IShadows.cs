using Ocx.Audit.Rehearsals;

namespace Ocx.Auditor.Rehearsing;

/// <summary>
/// The shadows of one audit's server, each with clones of its state: some wait ready, each is used once. Called from
/// many threads at once. Disposing it begins to end them all; whoever made it waits for their end before the auditor
/// stops.
/// </summary>
internal interface IShadows : IDisposable
{
    /// <summary>How many shadows wait, and how their clones stand.</summary>
    ShadowSight Sight { get; }

    /// <summary>
    /// Makes the call in a shadow, and tells what it did: masked by nobody, and bounded by the caller. It ends soon
    /// after it is cancelled, and leaves nothing of the shadow. A failure it knows a name for is evidence, not an
    /// exception.
    /// </summary>
    Task<RehearsalEvidence> RehearseAsync(RehearsedCall call, CancellationToken cancellation);
}

/// <summary>What is called in a shadow.</summary>
/// <param name="Tool">The tool.</param>
/// <param name="Arguments">The JSON text of an object, exactly what the client sent; empty for none.</param>
/// <param name="ProtocolVersion">The MCP revision of the call; empty when unknown.</param>
internal readonly record struct RehearsedCall(string Tool, ReadOnlyMemory<byte> Arguments, string ProtocolVersion);

/// <summary>How the shadows of an audit stand.</summary>
/// <param name="Warm">Those that wait ready.</param>
/// <param name="Clones">The sources, in the audit's order.</param>
/// <param name="Problem">Why none can be made now, in one plain sentence; null when they can.</param>
internal sealed record ShadowSight(long Warm, IReadOnlyList<CloneSight> Clones, string? Problem = null);

/// <summary>How the clones of a source stand.</summary>
/// <param name="Source">Its name in the audit.</param>
/// <param name="Ready">Clones that can be taken.</param>
/// <param name="Lag">How far the one furthest behind is behind its source.</param>
/// <param name="Problem">Why the source cannot be cloned now, in one plain sentence; null when it can.</param>
internal sealed record CloneSight(string Source, long Ready, TimeSpan Lag, string? Problem = null);
