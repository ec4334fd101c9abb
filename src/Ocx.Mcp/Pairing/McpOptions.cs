using Ocx.Mcp.Http;
using Ocx.Mcp.Records;
using Ocx.Mcp.Redaction;
using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Pairing;

/// <summary>What is recorded of payloads.</summary>
public enum PayloadMode
{
    /// <summary>Arguments and results, redacted and bounded.</summary>
    Full,

    /// <summary>None: no argument, no result, and the HTTP status alone tells success.</summary>
    Metadata,
}

/// <summary>The bounds and the switches of the tracker.</summary>
public sealed record McpOptions
{
    /// <summary>Bytes that flows, bodies and open calls may hold together.</summary>
    public long MaxMemoryBytes { get; init; } = 64 << 20;

    /// <summary>The bounds of TCP reassembly.</summary>
    public ReassemblyOptions Reassembly { get; init; } = new();

    /// <summary>The longest message that is read to its end; of a longer one the beginning is.</summary>
    public int MaxMessageBytes { get; init; } = 1 << 20;

    /// <summary>The bounds on what compressed bodies and streams may make of few bytes.</summary>
    public DecodingOptions Decoding { get; init; } = new();

    /// <summary>Bytes of arguments and of results that a record keeps, each.</summary>
    public int MaxPayloadBytes { get; init; } = 4096;

    /// <summary>Names each call; null leaves <see cref="CallRecord.Key"/> empty.</summary>
    public CallKeys? CallKeys { get; init; }

    /// <summary>
    /// The methods whose calls are audited: of these <see cref="CallRecord.ArgumentsDigest"/> is computed, and
    /// <see cref="CallRecord.AuditedArguments"/> keeps <see cref="MaxAuditedBytes"/>. None by default.
    /// </summary>
    public IReadOnlyList<string> AuditedMethods { get; init; } = [];

    /// <summary>
    /// Which calls of these methods are audited, by their method and name; null for all. It is asked while a request is
    /// read, before the call is told of.
    /// </summary>
    public Func<string, string, bool>? IsAudited { get; init; }

    /// <summary>Bytes of the arguments that are kept of an audited call.</summary>
    public int MaxAuditedBytes { get; init; } = 256 << 10;

    /// <summary>Calls without an answer at once; the oldest gives way.</summary>
    public int MaxOpenCalls { get; init; } = 65_536;

    /// <summary>Sessions remembered; the one quiet for longest gives way.</summary>
    public int MaxSessions { get; init; } = 16_384;

    /// <summary>A call without an answer for so long is given up. Slow tools take minutes.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>What is recorded of payloads.</summary>
    public PayloadMode Payload { get; init; }

    /// <summary>
    /// Whether the tools of a <c>tools/list</c> result are hashed; see <see cref="CallRecord.Tools"/>.
    /// </summary>
    public bool HashTools { get; init; }

    /// <summary>What is masked beyond the built-in rules.</summary>
    public RedactionOptions Redaction { get; init; } = new();
}
