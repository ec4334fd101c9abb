namespace Ocx.Audit.Approvals;

/// <summary>Approvals cannot be read or kept; the message says why, and may stand in records.</summary>
public sealed class ApprovalsException : Exception
{
    /// <summary>Without a reason.</summary>
    public ApprovalsException() { }

    /// <summary>With the reason.</summary>
    public ApprovalsException(string message)
        : base(message) { }

    /// <summary>With the reason and what lies behind it.</summary>
    public ApprovalsException(string message, Exception innerException)
        : base(message, innerException) { }
}
