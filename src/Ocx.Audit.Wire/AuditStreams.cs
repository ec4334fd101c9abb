namespace Ocx.Audit.Wire;

/// <summary>What both sides know of a stream beyond its messages.</summary>
public static class AuditStreams
{
    /// <summary>
    /// The detail of the status UNAVAILABLE with which the auditor ends a stream whose caller has to prove itself
    /// again. The agent opens another one at once.
    /// </summary>
    public const string AuthenticateAgain = "authenticate again";
}
