namespace Ocx.Ledger;

/// <summary>A ledger cannot be opened, read or written; the message says why.</summary>
public sealed class LedgerException : Exception
{
    /// <summary>Makes one.</summary>
    public LedgerException() { }

    /// <summary>Makes one.</summary>
    public LedgerException(string message)
        : base(message) { }

    /// <summary>Makes one.</summary>
    public LedgerException(string message, Exception inner)
        : base(message, inner) { }
}
