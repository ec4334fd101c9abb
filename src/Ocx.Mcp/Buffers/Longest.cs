namespace Ocx.Mcp.Buffers;

/// <summary>
/// The most UTF-8 bytes that are kept of each text that peers choose. A longer one is cut as it is taken from the wire;
/// see <see cref="CutText"/>.
/// </summary>
public static class Longest
{
    /// <summary>A JSON-RPC method, in a body or in the <c>Mcp-Method</c> header.</summary>
    public const int Method = 128;

    /// <summary>A tool, a prompt or a resource's URI, in a body or in the <c>Mcp-Name</c> header.</summary>
    public const int Name = 1024;

    /// <summary>A session's id.</summary>
    public const int SessionId = 256;

    /// <summary>An MCP revision.</summary>
    public const int ProtocolVersion = 64;

    /// <summary>A task's id, which stands in the <c>Mcp-Name</c> header too.</summary>
    public const int TaskId = Name;

    /// <summary>The value of an <c>Mcp-Param-</c> header, or of the argument that it repeats.</summary>
    public const int HeaderParameter = 1024;

    /// <summary>The names of the extensions that a message lists, together.</summary>
    public const int Extensions = 512;

    /// <summary>A client's or a server's name or version, each.</summary>
    public const int PeerInfo = 256;

    /// <summary>An HTTP method.</summary>
    public const int HttpMethod = 64;

    /// <summary>An HTTP target, which may carry a session's id.</summary>
    public const int HttpTarget = 4096;

    /// <summary>The value of Host or of Origin.</summary>
    public const int HttpHost = 512;
}
