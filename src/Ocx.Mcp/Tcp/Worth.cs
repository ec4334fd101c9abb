namespace Ocx.Mcp.Tcp;

/// <summary>
/// What would be lost if a connection were forgotten now. When memory is short, the connections worth least go first.
/// </summary>
public enum Worth
{
    /// <summary>Nothing: it is joined again with its next message.</summary>
    Nothing,

    /// <summary>Bytes that wait for more: the beginning of a message, or segments that wait for earlier ones.</summary>
    Bytes,

    /// <summary>Calls, or a stream that may bring the answers of calls.</summary>
    Calls,
}
