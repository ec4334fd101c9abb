using Ocx.Audit.Link;
using Ocx.Audit.Wire;
using Ocx.Mcp.Records;

namespace Ocx.NodeAgent.Auditing;

/// <summary>What the auditor is told of a call, within the contract's bounds.</summary>
internal static class AuditMessages
{
    /// <summary>Its request is complete.</summary>
    /// <param name="call">The call.</param>
    /// <param name="client">Who the client is, as far as it is known already.</param>
    /// <param name="server">Who the server is, likewise.</param>
    /// <param name="maxArguments">What is told of arguments at most, in bytes; null tells nothing of them.</param>
    public static AgentMessage Opened(CallRecord call, PeerIdentity? client, PeerIdentity? server, int? maxArguments) =>
        new() { Opened = CallMessages.Opened(call, client, server, maxArguments) };

    /// <summary>Its answer has begun.</summary>
    public static AgentMessage Answering(CallRecord call, long unixNs) =>
        new()
        {
            Answering = new() { Key = call.Key, TimeUnixNs = unixNs },
        };

    /// <summary>It is over.</summary>
    public static AgentMessage Closed(CallRecord call) =>
        new()
        {
            Closed = new()
            {
                Key = call.Key,
                Status = Of(call.Status),
                ErrorCode = call.ErrorCode,
                HttpStatus = (uint)call.HttpStatus,
                DurationNs = (ulong)call.DurationNs,
                RequestBytes = (ulong)call.RequestBytes,
                ResponseBytes = (ulong)call.ResponseBytes,
                Completeness = CallMessages.Of(call.Completeness),
                Client = CallMessages.Client(call, call.ClientIdentity),
                Server = CallMessages.Server(call, call.ServerIdentity),
            },
        };

    /// <summary>About what a message takes in memory, in bytes.</summary>
    public static int SizeOf(AgentMessage message) =>
        CallMessages.SizeOf(message, message.Opened?.Arguments.Length ?? 0);

    private static ClosedStatus Of(CallStatus status) =>
        status switch
        {
            CallStatus.Ok => ClosedStatus.Ok,
            CallStatus.ToolError => ClosedStatus.ToolError,
            CallStatus.RpcError => ClosedStatus.RpcError,
            CallStatus.HttpError => ClosedStatus.HttpError,
            CallStatus.Cancelled => ClosedStatus.Cancelled,
            CallStatus.Timeout => ClosedStatus.Timeout,
            CallStatus.InputRequired => ClosedStatus.InputRequired,
            _ => ClosedStatus.Unpaired,
        };
}
