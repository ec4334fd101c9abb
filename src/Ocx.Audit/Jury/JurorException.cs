namespace Ocx.Audit.Jury;

/// <summary>
/// A juror cannot vote, and says why in words that may stand in verdicts, logs and the ledger. The message of any other
/// exception is kept out of those: it may quote what the juror looked at.
/// </summary>
public sealed class JurorException : Exception
{
    /// <summary>Without a reason.</summary>
    public JurorException() { }

    /// <summary>With the reason: short, without anything from the call.</summary>
    public JurorException(string message)
        : base(message) { }

    /// <summary>With the reason and what lies behind it.</summary>
    public JurorException(string message, Exception innerException)
        : base(message, innerException) { }
}
