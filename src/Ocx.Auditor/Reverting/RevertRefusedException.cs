namespace Ocx.Auditor.Reverting;

/// <summary>Nothing is taken back, and nothing was called; the message is one sentence that says why.</summary>
public sealed class RevertRefusedException(string message, Exception? inner = null) : Exception(message, inner);
