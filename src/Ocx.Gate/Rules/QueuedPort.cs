namespace Ocx.Gate.Rules;

/// <summary>A TCP port whose packets are asked about, in both directions.</summary>
/// <param name="Port">The server's port.</param>
/// <param name="PassWithoutGate">Whether its packets go on while no gate has the queue; else they are dropped.</param>
internal readonly record struct QueuedPort(ushort Port, bool PassWithoutGate);
