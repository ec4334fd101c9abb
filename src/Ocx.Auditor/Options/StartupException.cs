namespace Ocx.Auditor.Options;

/// <summary>The auditor cannot start as it was asked to; the message says why, and what to do.</summary>
public sealed class StartupException : Exception
{
    /// <summary>Without a reason.</summary>
    public StartupException() { }

    /// <summary>With the reason.</summary>
    public StartupException(string message)
        : base(message) { }

    /// <summary>With the reason and what lies behind it.</summary>
    public StartupException(string message, Exception innerException)
        : base(message, innerException) { }
}
