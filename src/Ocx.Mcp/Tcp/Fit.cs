namespace Ocx.Mcp.Tcp;

/// <summary>How a segment fits the connection that has its addresses and ports.</summary>
internal enum Fit
{
    /// <summary>It is one of its segments.</summary>
    Belongs,

    /// <summary>It lies far outside of what was sent, and nothing agrees with it.</summary>
    Stray,

    /// <summary>A SYN with a number that is not the connection's: another one may begin.</summary>
    OtherSyn,

    /// <summary>
    /// It is another connection's, and what was seen agrees on that: the ports were taken by a new one.
    /// </summary>
    Replaces,
}
