namespace Ocx.NodeProgram;

/// <summary>
/// The agent cannot start as it was asked to. The message is one line that says why and what to do; the exit code is 2.
/// </summary>
public sealed class StartupException(string message, Exception? inner = null) : Exception(message, inner);
