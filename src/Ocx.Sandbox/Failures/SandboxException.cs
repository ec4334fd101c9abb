namespace Ocx.Sandbox.Failures;

/// <summary>
/// A sandbox could not be made or reached. <see cref="Reason"/> is one of a few names and can be a metric's label; the
/// message says more, and may hold what a sandbox wrote.
/// </summary>
public sealed class SandboxException : Exception
{
    /// <summary>A failure.</summary>
    /// <param name="reason">Its name, one of <see cref="SandboxFailures"/>.</param>
    /// <param name="message">What happened.</param>
    /// <param name="inner">What it came from.</param>
    public SandboxException(string reason, string message, Exception? inner = null)
        : base(message, inner) => Reason = reason;

    /// <summary>The failure's name, one of <see cref="SandboxFailures"/>.</summary>
    public string Reason { get; }
}
