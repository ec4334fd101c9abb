namespace Ocx.Mcp.Records;

/// <summary>How a call ended.</summary>
public enum CallStatus
{
    /// <summary>A result without <c>isError</c>.</summary>
    Ok,

    /// <summary>A result with <c>isError</c>: the tool failed, the protocol did not.</summary>
    ToolError,

    /// <summary>A JSON-RPC error; see <see cref="CallRecord.ErrorCode"/>.</summary>
    RpcError,

    /// <summary>
    /// An HTTP status of 300 or more and no JSON-RPC answer; see <see cref="CallRecord.HttpStatus"/>.
    /// </summary>
    HttpError,

    /// <summary>The caller withdrew it.</summary>
    Cancelled,

    /// <summary>No answer within the time-out.</summary>
    Timeout,

    /// <summary>The stream that would have brought the answer ended, or was not seen.</summary>
    Unpaired,

    /// <summary>
    /// The server asks its client for more first (2026-07-28): the client's next request brings it, as a call of its
    /// own; see <see cref="CallRecord.ContinuedBy"/>.
    /// </summary>
    InputRequired,
}
