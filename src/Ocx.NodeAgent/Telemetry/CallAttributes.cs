using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tcp;
using Ocx.Text;

namespace Ocx.NodeAgent.Telemetry;

/// <summary>
/// A call in the words of OpenTelemetry's conventions for MCP, for its span and its log. What is not known is left out;
/// what comes from the wire is escaped and cut. See docs/otlp.md.
/// </summary>
internal static class CallAttributes
{
    /// <summary>The longest name, in UTF-16 units.</summary>
    public const int LongestText = 512;

    /// <summary>The most of arguments or of a result, in bytes: what waits for a receiver is held in memory.</summary>
    public const int LongestPayload = 2048;

    /// <summary>The span's name: the method and, where it has few values, what it is about.</summary>
    public static string SpanName(CallRecord call) =>
        call is { Method: "tools/call" or "prompts/get", Name.Length: > 0 }
            ? $"{Cut(call.Method)} {Cut(call.Name)}"
            : Cut(call.Method);

    /// <summary>Adds what span and log have in common.</summary>
    public static void Describe(CallRecord call, List<KeyValuePair<string, object?>> to)
    {
        Add(to, "mcp.method.name", call.Method);
        if (call.Method == "tools/call")
        {
            Add(to, "gen_ai.operation.name", "execute_tool");
            Add(to, "gen_ai.tool.name", call.Name);
        }
        else if (call.Method == "prompts/get")
        {
            Add(to, "gen_ai.prompt.name", call.Name);
        }
        else if (call.Method.StartsWith("resources/", StringComparison.Ordinal))
        {
            Add(to, "mcp.resource.uri", call.Name);
        }
        Add(to, "mcp.session.id", call.Session);
        Add(to, "mcp.protocol.version", call.ProtocolVersion);
        Add(to, "jsonrpc.request.id", call.RequestId);
        Add(to, "error.type", Operation.ErrorType(call));
        Add(
            to,
            "rpc.response.status_code",
            call.Status == CallStatus.RpcError ? call.ErrorCode.ToString(CultureInfo.InvariantCulture) : string.Empty
        );
        to.Add(new("network.transport", "tcp"));
        if (call.HttpStatus != 0)
        {
            to.Add(new("network.protocol.name", "http"));
        }
        End(to, "server", call.Server);
        End(to, "client", call.Client);
        Who(to, "k8s.", call.ServerIdentity);
        Who(to, "ocx.client.k8s.", call.ClientIdentity);
        Add(
            to,
            "ocx.completeness",
            call.Completeness == CallCompleteness.Complete ? string.Empty : CallRecordWriter.Name(call.Completeness)
        );
    }

    /// <summary>
    /// About the memory that a span or a log of these holds, in bytes: the object itself, its name or text, and what is
    /// in them.
    /// </summary>
    public static int SizeOf(List<KeyValuePair<string, object?>> attributes)
    {
        const int Each = 64,
            Itself = 1024;
        int bytes = Itself + (Each * attributes.Count);
        foreach ((_, object? value) in attributes)
        {
            bytes += value is string text ? sizeof(char) * text.Length : 0;
        }
        return bytes;
    }

    /// <summary>Adds arguments and result, which are empty unless payloads are exported, and redacted.</summary>
    public static void AddPayload(CallRecord call, List<KeyValuePair<string, object?>> to)
    {
        Payload(to, "gen_ai.tool.call.arguments", call.Arguments, call.ArgumentsCut);
        Payload(to, "gen_ai.tool.call.result", call.Result, call.ResultCut);
    }

    private static void End(List<KeyValuePair<string, object?>> to, string name, IpEndpoint end)
    {
        to.Add(new(name + ".address", end.ToIPAddress().ToString()));
        to.Add(new(name + ".port", (long)end.Port));
    }

    // A workload is written deployment/name: OpenTelemetry has a name for each kind.
    private static void Who(List<KeyValuePair<string, object?>> to, string prefix, PeerIdentity? who)
    {
        if (who is null)
        {
            return;
        }
        Add(to, prefix + "namespace.name", who.Namespace);
        Add(to, prefix + "pod.name", who.Pod);
        Add(to, prefix + "container.name", who.Container);
        if (who.Workload.Split('/') is [var kind, var name])
        {
            Add(to, $"{prefix}{Cut(kind)}.name", name);
        }
    }

    private static void Add(List<KeyValuePair<string, object?>> to, string name, string value)
    {
        if (value.Length > 0)
        {
            to.Add(new(name, Cut(value)));
        }
    }

    private static void Payload(List<KeyValuePair<string, object?>> to, string name, ReadOnlySpan<byte> json, bool cut)
    {
        if (!json.IsEmpty)
        {
            bool longer = json.Length > LongestPayload;
            to.Add(new(name, cut || longer ? Beginning(json) : OnOneLine(json)));
        }
    }

    // No JSON any more: text, and escaped as such.
    private static string Beginning(ReadOnlySpan<byte> json)
    {
        string shown = WireText.Escape(json[..Math.Min(json.Length, LongestPayload)]);
        return shown[..Math.Min(shown.Length, LongestPayload)] + WireText.Ellipsis;
    }

    private static string OnOneLine(ReadOnlySpan<byte> json)
    {
        var output = new ArrayBufferWriter<byte>(json.Length + 64);
        using (var writer = new Utf8JsonWriter(output, WireJson.WriterOptions))
        {
            WireJson.WriteValue(writer, json);
        }
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string Cut(string text) => WireText.Escape(text, LongestText);
}
