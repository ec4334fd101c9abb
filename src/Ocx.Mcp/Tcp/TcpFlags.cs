namespace Ocx.Mcp.Tcp;

/// <summary>The control bits of a TCP header that matter here, with their wire values (RFC 9293, 3.1).</summary>
[Flags]
public enum TcpFlags
{
    /// <summary>No control bit.</summary>
    None = 0,

    /// <summary>The sender will send no more.</summary>
    Fin = 0x01,

    /// <summary>The first segment of a direction; it takes one sequence number.</summary>
    Syn = 0x02,

    /// <summary>The connection is aborted.</summary>
    Rst = 0x04,

    /// <summary>The acknowledgment number is meaningful.</summary>
    Ack = 0x10,
}
