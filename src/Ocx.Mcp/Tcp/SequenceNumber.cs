namespace Ocx.Mcp.Tcp;

/// <summary>Arithmetic modulo 2^32 on sequence numbers (RFC 9293, 3.4).</summary>
internal static class SequenceNumber
{
    /// <summary>
    /// How far <paramref name="a"/> lies after <paramref name="b"/>; negative when before. Right within 2 GiB.
    /// </summary>
    public static int Distance(uint a, uint b) => unchecked((int)(a - b));
}
