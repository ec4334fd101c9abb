using System.Text.Json;

namespace Ocx.Mcp.Records;

/// <summary>
/// The names of a record's members (docs/mcp.md): the one place from which its writer and its reader have them.
/// </summary>
internal static class CallFields
{
    // Where a call was seen: the agent leaves these out, who gathers the lines of several agents puts them before.
    public static readonly JsonEncodedText Tap = JsonEncodedText.Encode("tap");

    public static readonly JsonEncodedText Key = JsonEncodedText.Encode("key");
    public static readonly JsonEncodedText Start = JsonEncodedText.Encode("start");
    public static readonly JsonEncodedText DurationNs = JsonEncodedText.Encode("durationNs");
    public static readonly JsonEncodedText TimeToFirstByteNs = JsonEncodedText.Encode("timeToFirstByteNs");
    public static readonly JsonEncodedText Method = JsonEncodedText.Encode("method");
    public static readonly JsonEncodedText Status = JsonEncodedText.Encode("status");
    public static readonly JsonEncodedText ErrorCode = JsonEncodedText.Encode("errorCode");
    public static readonly JsonEncodedText HttpStatus = JsonEncodedText.Encode("httpStatus");
    public static readonly JsonEncodedText Completeness = JsonEncodedText.Encode("completeness");
    public static readonly JsonEncodedText ProtocolVersion = JsonEncodedText.Encode("protocolVersion");
    public static readonly JsonEncodedText Session = JsonEncodedText.Encode("session");
    public static readonly JsonEncodedText Client = JsonEncodedText.Encode("client");
    public static readonly JsonEncodedText Server = JsonEncodedText.Encode("server");
    public static readonly JsonEncodedText FromServer = JsonEncodedText.Encode("fromServer");
    public static readonly JsonEncodedText RequestBytes = JsonEncodedText.Encode("requestBytes");
    public static readonly JsonEncodedText ResponseBytes = JsonEncodedText.Encode("responseBytes");
    public static readonly JsonEncodedText Progress = JsonEncodedText.Encode("progress");
    public static readonly JsonEncodedText HeaderMismatch = JsonEncodedText.Encode("headerMismatch");
    public static readonly JsonEncodedText Arguments = JsonEncodedText.Encode("arguments");
    public static readonly JsonEncodedText ArgumentsCut = JsonEncodedText.Encode("argumentsCut");
    public static readonly JsonEncodedText ArgumentsDigest = JsonEncodedText.Encode("argumentsDigest");
    public static readonly JsonEncodedText Result = JsonEncodedText.Encode("result");
    public static readonly JsonEncodedText ResultCut = JsonEncodedText.Encode("resultCut");

    // Of MCP 2026-07-28.
    public static readonly JsonEncodedText ErrorName = JsonEncodedText.Encode("errorName");
    public static readonly JsonEncodedText Task = JsonEncodedText.Encode("task");
    public static readonly JsonEncodedText Id = JsonEncodedText.Encode("id");
    public static readonly JsonEncodedText Continues = JsonEncodedText.Encode("continues");
    public static readonly JsonEncodedText ContinuedBy = JsonEncodedText.Encode("continuedBy");
    public static readonly JsonEncodedText Extensions = JsonEncodedText.Encode("extensions");
    public static readonly JsonEncodedText TtlMs = JsonEncodedText.Encode("ttlMs");
    public static readonly JsonEncodedText CacheScope = JsonEncodedText.Encode("cacheScope");
    public static readonly JsonEncodedText Annotations = JsonEncodedText.Encode("annotations");
    public static readonly JsonEncodedText ReadOnlyHint = JsonEncodedText.Encode("readOnlyHint");
    public static readonly JsonEncodedText DestructiveHint = JsonEncodedText.Encode("destructiveHint");
    public static readonly JsonEncodedText IdempotentHint = JsonEncodedText.Encode("idempotentHint");
    public static readonly JsonEncodedText OpenWorldHint = JsonEncodedText.Encode("openWorldHint");
    public static readonly JsonEncodedText Deprecated = JsonEncodedText.Encode("deprecated");

    // Of the two ends; "name" is the tool's too, and "node" that of the agent which saw the call.
    public static readonly JsonEncodedText Address = JsonEncodedText.Encode("address");
    public static readonly JsonEncodedText Port = JsonEncodedText.Encode("port");
    public static readonly JsonEncodedText Via = JsonEncodedText.Encode("via");
    public static readonly JsonEncodedText Name = JsonEncodedText.Encode("name");
    public static readonly JsonEncodedText Version = JsonEncodedText.Encode("version");
    public static readonly JsonEncodedText Namespace = JsonEncodedText.Encode("namespace");
    public static readonly JsonEncodedText Pod = JsonEncodedText.Encode("pod");
    public static readonly JsonEncodedText Workload = JsonEncodedText.Encode("workload");
    public static readonly JsonEncodedText Node = JsonEncodedText.Encode("node");
    public static readonly JsonEncodedText Container = JsonEncodedText.Encode("container");
    public static readonly JsonEncodedText Pid = JsonEncodedText.Encode("pid");
    public static readonly JsonEncodedText Comm = JsonEncodedText.Encode("comm");
}
