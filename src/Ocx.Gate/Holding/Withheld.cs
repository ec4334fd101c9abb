using Ocx.Mcp.Tcp;

namespace Ocx.Gate.Holding;

/// <summary>
/// The sessions of which a result was withheld. A server that keeps its events sends them once more to whoever names
/// the last one that he has (Last-Event-ID; MCP 2025-03-26 to 2025-11-25, "Resumability and Redelivery"), and among
/// them what was withheld. Times are monotonic, in nanoseconds.
/// </summary>
internal sealed class Withheld
{
    /// <summary>How many sessions are known at most.</summary>
    public const int Most = 4096;

    // Longer than servers keep sessions.
    private const long Lifetime = 24L * 3600 * 1_000_000_000;

    private readonly List<(UInt128 Client, string Session, long Until)> _sessions = [];
    private long _overflowUntil = long.MinValue;

    /// <summary>A result for this client was withheld.</summary>
    /// <param name="client">The client.</param>
    /// <param name="session">What its request named; empty where it named none.</param>
    /// <param name="now">The time.</param>
    public void Note(IpEndpoint client, string session, long now)
    {
        _sessions.RemoveAll(one => one.Until <= now || (one.Client == client.Address && one.Session == session));
        if (_sessions.Count == Most)
        {
            // Of whom it is not known, it may be so.
            _overflowUntil = _sessions[0].Until;
            _sessions.RemoveAt(0);
        }

        _sessions.Add((client.Address, session, now + Lifetime));
    }

    /// <summary>True when a stream of this client's session may bring a result that was withheld.</summary>
    public bool May(IpEndpoint client, string session, long now) =>
        now < _overflowUntil
        || _sessions.Exists(one => one.Until > now && IsSame(one.Client, one.Session, client.Address, session));

    /// <summary>
    /// True when two requests may be of one session: they name the same, or one of them none and both come from one
    /// address.
    /// </summary>
    public static bool IsSame(UInt128 client, string session, UInt128 otherClient, string otherSession) =>
        session.Length > 0 && otherSession.Length > 0 ? session == otherSession : client == otherClient;
}
