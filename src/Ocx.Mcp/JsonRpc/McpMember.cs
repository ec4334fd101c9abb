namespace Ocx.Mcp.JsonRpc;

/// <summary>
/// The members of messages, <c>params</c>, <c>result</c> and <c>_meta</c> that are read (schema.ts of each revision).
/// </summary>
internal enum McpMember
{
    Other,
    Arguments,
    CacheScope,
    Capabilities,
    ClientCapabilities,
    ClientInfo,
    ClientInfoOfMeta,
    Code,
    Error,
    Extensions,
    Id,
    IncludeContext,
    InputRequests,
    InputResponses,
    IsError,
    JsonRpc,
    LogLevel,
    Meta,
    Method,
    Name,
    Params,
    ProgressToken,
    ProtocolVersion,
    ProtocolVersionOfMeta,
    Reference,
    RequestId,
    RequestState,
    Result,
    ResultType,
    ServerInfo,
    ServerInfoOfMeta,
    Status,
    Task,
    TaskId,
    TraceParent,
    TraceState,
    TtlMs,
    Uri,
    Version,
}

/// <summary>From a member's name to what it is.</summary>
internal static class McpMembersByName
{
    /// <summary>The member with this name, which has no escapes any more.</summary>
    public static McpMember Of(ReadOnlySpan<byte> name) =>
        name.Length switch
        {
            2 => name.SequenceEqual("id"u8) ? McpMember.Id : McpMember.Other,
            3 => name.SequenceEqual("uri"u8) ? McpMember.Uri
            : name.SequenceEqual("ref"u8) ? McpMember.Reference
            : McpMember.Other,
            4 => name.SequenceEqual("name"u8) ? McpMember.Name
            : name.SequenceEqual("code"u8) ? McpMember.Code
            : name.SequenceEqual("task"u8) ? McpMember.Task
            : McpMember.Other,
            5 => name.SequenceEqual("_meta"u8) ? McpMember.Meta
            : name.SequenceEqual("ttlMs"u8) ? McpMember.TtlMs
            : name.SequenceEqual("error"u8) ? McpMember.Error
            : McpMember.Other,
            6 => name.SequenceEqual("taskId"u8) ? McpMember.TaskId
            : name.SequenceEqual("status"u8) ? McpMember.Status
            : name.SequenceEqual("result"u8) ? McpMember.Result
            : name.SequenceEqual("method"u8) ? McpMember.Method
            : name.SequenceEqual("params"u8) ? McpMember.Params
            : McpMember.Other,
            7 => name.SequenceEqual("isError"u8) ? McpMember.IsError
            : name.SequenceEqual("jsonrpc"u8) ? McpMember.JsonRpc
            : name.SequenceEqual("version"u8) ? McpMember.Version
            : McpMember.Other,
            9 => name.SequenceEqual("arguments"u8) ? McpMember.Arguments
            : name.SequenceEqual("requestId"u8) ? McpMember.RequestId
            : McpMember.Other,
            10 => OfTen(name),
            11 => name.SequenceEqual("traceparent"u8) ? McpMember.TraceParent : McpMember.Other,
            12 => name.SequenceEqual("requestState"u8) ? McpMember.RequestState
            : name.SequenceEqual("capabilities"u8) ? McpMember.Capabilities
            : McpMember.Other,
            13 => name.SequenceEqual("progressToken"u8) ? McpMember.ProgressToken
            : name.SequenceEqual("inputRequests"u8) ? McpMember.InputRequests
            : McpMember.Other,
            14 => name.SequenceEqual("inputResponses"u8) ? McpMember.InputResponses
            : name.SequenceEqual("includeContext"u8) ? McpMember.IncludeContext
            : McpMember.Other,
            15 => name.SequenceEqual("protocolVersion"u8) ? McpMember.ProtocolVersion : McpMember.Other,
            >= 32 and <= 42 => name.StartsWith("io.modelcontextprotocol/"u8) ? OfMeta(name[24..]) : McpMember.Other,
            _ => McpMember.Other,
        };

    private static McpMember OfTen(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("clientInfo"u8) ? McpMember.ClientInfo
        : name.SequenceEqual("serverInfo"u8) ? McpMember.ServerInfo
        : name.SequenceEqual("resultType"u8) ? McpMember.ResultType
        : name.SequenceEqual("cacheScope"u8) ? McpMember.CacheScope
        : name.SequenceEqual("tracestate"u8) ? McpMember.TraceState
        : name.SequenceEqual("extensions"u8) ? McpMember.Extensions
        : McpMember.Other;

    private static McpMember OfMeta(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("clientInfo"u8) ? McpMember.ClientInfoOfMeta
        : name.SequenceEqual("serverInfo"u8) ? McpMember.ServerInfoOfMeta
        : name.SequenceEqual("protocolVersion"u8) ? McpMember.ProtocolVersionOfMeta
        : name.SequenceEqual("clientCapabilities"u8) ? McpMember.ClientCapabilities
        : name.SequenceEqual("logLevel"u8) ? McpMember.LogLevel
        : McpMember.Other;
}
