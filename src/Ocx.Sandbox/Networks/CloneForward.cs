using System.Net;

namespace Ocx.Sandbox.Networks;

/// <summary>A port of a sandbox's own loopback that leads to a clone, and nowhere else.</summary>
/// <param name="Port">The port on 127.0.0.1 in the sandbox.</param>
/// <param name="Target">The clone, on the host: an address and port, or a Unix socket.</param>
public sealed record CloneForward(int Port, EndPoint Target);
