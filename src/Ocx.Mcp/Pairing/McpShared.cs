using Ocx.Mcp.Buffers;
using Ocx.Mcp.Http;
using Ocx.Mcp.Records;

namespace Ocx.Mcp.Pairing;

/// <summary>What all connections of a tracker share.</summary>
internal sealed record McpShared(
    McpOptions Options,
    MemoryBudget Budget,
    Utf8StringCache Strings,
    McpCounters Counters,
    SessionTable Sessions,
    Handshakes Handshakes,
    LegacyStreams Streams,
    OpenCalls Calls,
    MessageHandler Messages,
    DecodeBudget Decoding,
    IMcpSink Sink
);
