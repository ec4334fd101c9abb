namespace Ocx.Kernel.Tests.Soak;

/// <summary>How a scripted connection ends.</summary>
internal enum Ending
{
    /// <summary>Both ends close it: FIN.</summary>
    Close,

    /// <summary>The client resets it: RST.</summary>
    Reset,

    /// <summary>It stays open and quiet, until too many do.</summary>
    StayOpen,
}

/// <summary>
/// What the two ends of one connection say to each other: first all of the client's bytes, then all of the server's.
/// </summary>
/// <param name="Name">What it is, for a message.</param>
/// <param name="Request">What the client sends.</param>
/// <param name="Response">What the server sends then.</param>
internal sealed record PeerScript(string Name, byte[] Request, byte[] Response);
