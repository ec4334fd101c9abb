using Ocx.Api;

namespace Ocx.NodeAgent.Reporting;

/// <summary>What the agent does and has counted since it started.</summary>
/// <param name="Phase">One of <see cref="NodePhase"/>.</param>
/// <param name="Message">Why it does not capture; null when it does.</param>
/// <param name="Packets">Its packets.</param>
/// <param name="Bytes">Its payload bytes.</param>
/// <param name="Calls">The MCP calls in them.</param>
/// <param name="Findings">The newest of what it found; null when it found nothing.</param>
/// <param name="RingBuffer">How full its ring buffer is; null when there is none.</param>
public readonly record struct AgentSnapshot(
    string Phase,
    string? Message,
    TrafficCounts Packets,
    TrafficCounts Bytes,
    CallCounts Calls,
    IReadOnlyList<Finding>? Findings = null,
    RingBufferFill? RingBuffer = null
);
