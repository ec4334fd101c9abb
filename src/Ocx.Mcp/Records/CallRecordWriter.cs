using System.Globalization;
using System.Text;
using System.Text.Json;
using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Tcp;
using Ocx.Text;

namespace Ocx.Mcp.Records;

/// <summary>The two outward forms of a call: a JSON object, and a line that a person can scan.</summary>
public static class CallRecordWriter
{
    // In a line for a person; longer names are cut.
    private const int LongestWord = 256;

    /// <summary>
    /// Writes one JSON object on one line, without a line end. Absent values are left out. Arguments and results stand
    /// as JSON, each token written anew; what was cut stands as text that ends in <c>…</c>, and a member of its own
    /// says so.
    /// </summary>
    /// <param name="to">Made with <see cref="WireJson.WriterOptions"/>: names and payloads are text of others.</param>
    /// <param name="call">The call.</param>
    public static void Write(Utf8JsonWriter to, CallRecord call)
    {
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(call);
        to.WriteStartObject();
        WriteText(to, CallFields.Key, call.Key);
        to.WriteString(CallFields.Start, Rfc3339.Format(call.StartUnixNs, stackalloc byte[Rfc3339.Length]));
        to.WriteNumber(CallFields.DurationNs, call.DurationNs);
        if (call.TimeToFirstByteNs >= 0)
        {
            to.WriteNumber(CallFields.TimeToFirstByteNs, call.TimeToFirstByteNs);
        }

        to.WriteString(CallFields.Method, call.Method);
        WriteText(to, CallFields.Name, call.Name);
        to.WriteString(CallFields.Status, Name(call.Status));
        WriteNumber(to, CallFields.ErrorCode, call.ErrorCode);
        WriteText(to, CallFields.ErrorName, McpErrors.NameOf(call.ErrorCode));
        WriteNumber(to, CallFields.HttpStatus, call.HttpStatus);
        to.WriteString(CallFields.Completeness, Name(call.Completeness));
        WriteText(to, CallFields.ProtocolVersion, call.ProtocolVersion);
        WriteText(to, CallFields.Session, call.Session);
        WriteClient(to, call);
        to.WriteStartObject(CallFields.Server);
        WriteEnd(to, call.Server, call.ServerInfo, call.ServerIdentity, call.ServerExtensions);
        if (call.FromServer)
        {
            to.WriteBoolean(CallFields.FromServer, true);
        }

        to.WriteNumber(CallFields.RequestBytes, call.RequestBytes);
        to.WriteNumber(CallFields.ResponseBytes, call.ResponseBytes);
        WriteNumber(to, CallFields.Progress, call.Progress);
        if (call.HeaderMismatch)
        {
            to.WriteBoolean(CallFields.HeaderMismatch, true);
        }

        CallDetails.Write(to, call);
        WritePayload(to, CallFields.Arguments, CallFields.ArgumentsCut, call.Arguments, call.ArgumentsCut);
        WriteText(to, CallFields.ArgumentsDigest, call.ArgumentsDigest);
        WritePayload(to, CallFields.Result, CallFields.ResultCut, call.Result, call.ResultCut);
        to.WriteEndObject();
    }

    /// <summary>
    /// <c>12:00:00.000 10.0.0.1:40000 → 10.0.0.2:8080 tools/call echo 1.2ms ok 120 B → 300 B</c>. A method or a name
    /// that could be taken for more than one word stands in quotes.
    /// </summary>
    public static string ToLine(CallRecord call)
    {
        ArgumentNullException.ThrowIfNull(call);
        DateTime start = DateTime.UnixEpoch.AddTicks(call.StartUnixNs / 100);
        var line = new StringBuilder();
        string client = (call.NamedClient ?? call.Client).ToString();
        (string from, string to) = call.FromServer
            ? (call.Server.ToString(), client)
            : (client, call.Server.ToString());
        line.Append(CultureInfo.InvariantCulture, $"{start:HH:mm:ss.fff} {from} → {to} {Word(call.Method)} ");
        line.Append(call.Name.Length > 0 ? Word(call.Name) + " " : string.Empty);
        line.Append(CultureInfo.InvariantCulture, $"{call.DurationNs / 1e6:0.0}ms {Name(call.Status)}");
        string code =
            call is { Status: CallStatus.RpcError, ErrorCode: not 0 } ? McpErrors.Describe(call.ErrorCode)
            : call is { Status: CallStatus.HttpError, HttpStatus: not 0 }
                ? call.HttpStatus.ToString(CultureInfo.InvariantCulture)
            : string.Empty;
        line.Append(code.Length > 0 ? $"({code})" : string.Empty);
        line.Append(CultureInfo.InvariantCulture, $" {call.RequestBytes} B → {call.ResponseBytes} B");
        return line.Append(
                call.Completeness == CallCompleteness.Complete ? string.Empty : " " + Name(call.Completeness)
            )
            .ToString();
    }

    /// <summary>The status as it stands in a record: <c>tool_error</c>.</summary>
    public static string Name(CallStatus status) =>
        status switch
        {
            CallStatus.Ok => "ok",
            CallStatus.ToolError => "tool_error",
            CallStatus.RpcError => "rpc_error",
            CallStatus.HttpError => "http_error",
            CallStatus.Cancelled => "cancelled",
            CallStatus.Timeout => "timeout",
            CallStatus.InputRequired => "input_required",
            _ => "unpaired",
        };

    /// <summary>The names of deprecated features as they stand in a record: <c>roots</c>.</summary>
    public static IEnumerable<string> Names(McpDeprecated deprecated) => CallDetails.Names(deprecated);

    /// <summary>The completeness as it stands in a record: <c>complete</c>.</summary>
    public static string Name(CallCompleteness completeness) =>
        completeness switch
        {
            CallCompleteness.Complete => "complete",
            CallCompleteness.Truncated => "truncated",
            CallCompleteness.Headers => "headers",
            CallCompleteness.Shed => "shed",
            _ => "gap",
        };

    // A name is one word of the line, whatever its peer put into it.
    private static string Word(string text) =>
        text.Length == 0 || text.Any(c => char.IsWhiteSpace(c) || c is '\'')
            ? WireText.Quote(text, LongestWord)
            : WireText.Escape(text, LongestWord);

    private static void WriteText(Utf8JsonWriter to, JsonEncodedText name, string value)
    {
        if (value.Length > 0)
        {
            to.WriteString(name, value);
        }
    }

    private static void WriteNumber(Utf8JsonWriter to, JsonEncodedText name, long value)
    {
        if (value != 0)
        {
            to.WriteNumber(name, value);
        }
    }

    // Who the peer is is known, and that it is not the client whom it names; of that there is no more than its address.
    private static void WriteClient(Utf8JsonWriter to, CallRecord call)
    {
        to.WriteStartObject(CallFields.Client);
        if (call.NamedClient is not { } named)
        {
            WriteEnd(to, call.Client, call.ClientInfo, call.ClientIdentity, call.ClientExtensions);
            return;
        }

        to.WriteString(CallFields.Address, named.ToIPAddress().ToString());
        to.WriteNumber(CallFields.Port, named.Port);
        WriteText(to, CallFields.Name, call.ClientInfo.Name);
        WriteText(to, CallFields.Version, call.ClientInfo.Version);
        CallDetails.WriteExtensions(to, call.ClientExtensions);
        to.WriteStartObject(CallFields.Via);
        WriteEnd(to, call.Client, (string.Empty, string.Empty), call.ClientIdentity);
        to.WriteEndObject();
    }

    private static void WriteEnd(
        Utf8JsonWriter to,
        IpEndpoint end,
        (string Name, string Version) info,
        PeerIdentity? who,
        string extensions = ""
    )
    {
        to.WriteString(CallFields.Address, end.ToIPAddress().ToString());
        to.WriteNumber(CallFields.Port, end.Port);
        WriteText(to, CallFields.Name, info.Name);
        WriteText(to, CallFields.Version, info.Version);
        CallDetails.WriteExtensions(to, extensions);
        if (who is not null)
        {
            WriteText(to, CallFields.Namespace, who.Namespace);
            WriteText(to, CallFields.Pod, who.Pod);
            WriteText(to, CallFields.Workload, who.Workload);
            WriteText(to, CallFields.Node, who.Node);
            WriteText(to, CallFields.Container, who.Container);
            WriteNumber(to, CallFields.Pid, who.Pid);
            WriteText(to, CallFields.Comm, who.Comm);
        }

        to.WriteEndObject();
    }

    private static void WritePayload(
        Utf8JsonWriter to,
        JsonEncodedText name,
        JsonEncodedText cutName,
        ReadOnlySpan<byte> json,
        bool cut
    )
    {
        if (cut)
        {
            to.WriteBoolean(cutName, true); // also where no room was left for a beginning
        }

        if (json.IsEmpty)
        {
            return;
        }

        to.WritePropertyName(name);
        if (cut)
        {
            to.WriteStringValue(Encoding.UTF8.GetString(json) + WireText.Ellipsis);
        }
        else
        {
            WireJson.WriteValue(to, json);
        }
    }
}
