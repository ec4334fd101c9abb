using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Ocx.Text;

namespace Ocx.Mcp.Records;

/// <summary>
/// A call as it stands in a record: the outward form that <see cref="CallRecordWriter"/> writes, read again
/// (docs/mcp.md). The reader need not trust the line. What is absent is empty, 0 or null.
/// </summary>
public sealed record RecordedCall
{
    /// <summary>
    /// The line itself, one JSON object. It may hold more than is read here: agents of a later version write more.
    /// </summary>
    public ReadOnlyMemory<byte> Json { get; private init; }

    /// <summary>The McpTap whose agent saw it, where lines of several agents were gathered.</summary>
    public string Tap { get; init; } = string.Empty;

    /// <summary>The node whose agent saw it, where lines of several agents were gathered.</summary>
    public string Node { get; init; } = string.Empty;

    /// <summary>Names the call over all nodes and restarts; empty where calls got no keys.</summary>
    public string Key { get; private init; } = string.Empty;

    /// <summary>When the request's first byte passed, in nanoseconds since the Unix epoch.</summary>
    public long StartUnixNs { get; private init; }

    /// <summary>How long it took, in nanoseconds.</summary>
    public long DurationNs { get; private init; }

    /// <summary>Until the first byte of the answer, in nanoseconds; null when none came.</summary>
    public long? TimeToFirstByteNs { get; private init; }

    /// <summary>The JSON-RPC method.</summary>
    public string Method { get; private init; } = string.Empty;

    /// <summary>Tool, prompt or resource.</summary>
    public string Name { get; private init; } = string.Empty;

    /// <summary>
    /// How it ended: a name of <see cref="CallRecordWriter.Name(CallStatus)"/>, or one that is newer.
    /// </summary>
    public string Status { get; private init; } = string.Empty;

    /// <summary>The JSON-RPC error's code; 0 when there was none.</summary>
    public int ErrorCode { get; private init; }

    /// <summary>The name that MCP gives to the error; empty for one of JSON-RPC or of the server's own.</summary>
    public string ErrorName { get; private init; } = string.Empty;

    /// <summary>The task that the call became, or is about.</summary>
    public string TaskId { get; private init; } = string.Empty;

    /// <summary>Where the task stood when it was last heard of, as its server says: <c>working</c>.</summary>
    public string TaskStatus { get; private init; } = string.Empty;

    /// <summary>The <see cref="ContinuedBy"/> of the call whose demand for input this one answers.</summary>
    public string Continues { get; private init; } = string.Empty;

    /// <summary>The <see cref="Continues"/> of the call that brings the input which the server asked for.</summary>
    public string ContinuedBy { get; private init; } = string.Empty;

    /// <summary>The HTTP status; 0 when there was none.</summary>
    public int HttpStatus { get; private init; }

    /// <summary>
    /// What the record rests on: a name of <see cref="CallRecordWriter.Name(CallCompleteness)"/>, or one that is newer.
    /// </summary>
    public string Completeness { get; private init; } = string.Empty;

    /// <summary>The MCP revision.</summary>
    public string ProtocolVersion { get; private init; } = string.Empty;

    /// <summary>The session's id.</summary>
    public string Session { get; private init; } = string.Empty;

    /// <summary>The MCP client.</summary>
    public RecordedPeer Client { get; private init; } = new();

    /// <summary>The MCP server.</summary>
    public RecordedPeer Server { get; private init; } = new();

    /// <summary>True for a request of the server to its client.</summary>
    public bool FromServer { get; private init; }

    /// <summary>Bytes of the request's message.</summary>
    public long RequestBytes { get; private init; }

    /// <summary>Bytes of the answer's message.</summary>
    public long ResponseBytes { get; private init; }

    /// <summary>Progress notifications that belong to it.</summary>
    public int Progress { get; private init; }

    /// <summary>True when the request's headers and its body disagree.</summary>
    public bool HeaderMismatch { get; private init; }

    /// <summary>
    /// The JSON text of the arguments: an object, or a string that holds their beginning; empty when none were kept.
    /// </summary>
    public ReadOnlyMemory<byte> Arguments { get; private init; }

    /// <summary>True when <see cref="Arguments"/> is only their beginning.</summary>
    public bool ArgumentsCut { get; private init; }

    /// <summary>
    /// <see cref="CallRecord.ArgumentsDigest"/>: of the whole arguments as they were sent; or empty.
    /// </summary>
    public string ArgumentsDigest { get; private init; } = string.Empty;

    /// <summary>The JSON text of the result or the error, likewise.</summary>
    public ReadOnlyMemory<byte> Result { get; private init; }

    /// <summary>True when <see cref="Result"/> is only its beginning.</summary>
    public bool ResultCut { get; private init; }

    /// <summary>When it began, to 100 ns.</summary>
    public DateTimeOffset StartTime => DateTimeOffset.UnixEpoch.AddTicks(StartUnixNs / 100);

    /// <summary>How long it took, to 100 ns.</summary>
    public TimeSpan Duration => TimeSpan.FromTicks(DurationNs / 100);

    /// <summary>When it was over, to 100 ns.</summary>
    public DateTimeOffset EndTime => StartTime + Duration;

    /// <summary>Did it fail: of the tool, of JSON-RPC, of HTTP, or by a time-out?</summary>
    public bool IsError => s_failures.Contains(Status);

    private static readonly string[] s_failures =
    [
        .. new[] { CallStatus.ToolError, CallStatus.RpcError, CallStatus.HttpError, CallStatus.Timeout }.Select(
            CallRecordWriter.Name
        ),
    ];

    /// <summary>Reads a line.</summary>
    /// <param name="line">UTF-8, of any provenance; kept as <see cref="Json"/>.</param>
    /// <param name="call">The call.</param>
    /// <returns>
    /// False when the line is no record: no JSON, a member of another kind or out of its range, or one that stands
    /// twice.
    /// </returns>
    public static bool TryRead(ReadOnlyMemory<byte> line, [NotNullWhen(true)] out RecordedCall? call)
    {
        try
        {
            call = Read(line, WireObject.Parse(line.Span));
            return true;
        }
        catch (FormatException)
        {
            call = null;
            return false;
        }
    }

    /// <summary>
    /// Writes the line anew, member by member and those included that are not read here, with <see cref="Tap"/> and
    /// <see cref="Node"/> before the others.
    /// </summary>
    /// <param name="to">Made with <see cref="WireJson.WriterOptions"/>.</param>
    public void WriteTo(Utf8JsonWriter to)
    {
        ArgumentNullException.ThrowIfNull(to);
        to.WriteStartObject();
        WriteText(CallFields.Tap, Tap);
        WriteText(CallFields.Node, Node);
        foreach ((string name, ReadOnlyMemory<byte> json) in WireObject.Parse(Json.Span).Members)
        {
            if (name != CallFields.Tap.Value && name != CallFields.Node.Value)
            {
                to.WritePropertyName(name);
                WireJson.WriteValue(to, json.Span);
            }
        }

        to.WriteEndObject();

        void WriteText(JsonEncodedText name, string value)
        {
            if (value.Length > 0)
            {
                to.WriteString(name, value);
            }
        }
    }

    private static RecordedCall Read(ReadOnlyMemory<byte> line, WireObject json)
    {
        WireObject? task = json.Inner(CallFields.Task.Value);
        return new()
        {
            Json = line,
            Tap = json.Text(CallFields.Tap.Value),
            Node = json.Text(CallFields.Node.Value),
            Key = json.Text(CallFields.Key.Value),
            StartUnixNs = Rfc3339.TryParse(json.Text(CallFields.Start.Value), out long start)
                ? start
                : throw new FormatException("start"),
            DurationNs = json.Number(CallFields.DurationNs.Value) ?? throw new FormatException("durationNs"),
            TimeToFirstByteNs = json.Number(CallFields.TimeToFirstByteNs.Value),
            Method = json.Has(CallFields.Method.Value)
                ? json.Text(CallFields.Method.Value)
                : throw new FormatException("method"),
            Name = json.Text(CallFields.Name.Value),
            Status = json.Text(CallFields.Status.Value) is { Length: > 0 } status
                ? status
                : throw new FormatException("status"),
            ErrorCode = (int)(json.Number(CallFields.ErrorCode.Value, int.MinValue, int.MaxValue) ?? 0),
            ErrorName = json.Text(CallFields.ErrorName.Value),
            TaskId = task?.Text(CallFields.Id.Value) ?? string.Empty,
            TaskStatus = task?.Text(CallFields.Status.Value) ?? string.Empty,
            Continues = json.Text(CallFields.Continues.Value),
            ContinuedBy = json.Text(CallFields.ContinuedBy.Value),
            HttpStatus = (int)(json.Number(CallFields.HttpStatus.Value, most: int.MaxValue) ?? 0),
            Completeness = json.Text(CallFields.Completeness.Value),
            ProtocolVersion = json.Text(CallFields.ProtocolVersion.Value),
            Session = json.Text(CallFields.Session.Value),
            Client = RecordedPeer.Read(json.Inner(CallFields.Client.Value)),
            Server = RecordedPeer.Read(json.Inner(CallFields.Server.Value)),
            FromServer = json.Flag(CallFields.FromServer.Value),
            RequestBytes = json.Number(CallFields.RequestBytes.Value) ?? 0,
            ResponseBytes = json.Number(CallFields.ResponseBytes.Value) ?? 0,
            Progress = (int)(json.Number(CallFields.Progress.Value, most: int.MaxValue) ?? 0),
            HeaderMismatch = json.Flag(CallFields.HeaderMismatch.Value),
            Arguments = json.Json(CallFields.Arguments.Value),
            ArgumentsCut = json.Flag(CallFields.ArgumentsCut.Value),
            ArgumentsDigest = json.Text(CallFields.ArgumentsDigest.Value),
            Result = json.Json(CallFields.Result.Value),
            ResultCut = json.Flag(CallFields.ResultCut.Value),
        };
    }
}
