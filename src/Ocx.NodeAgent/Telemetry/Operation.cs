using System.Globalization;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tcp;
using Ocx.NodeProgram;

namespace Ocx.NodeAgent.Telemetry;

/// <summary>
/// What calls are told apart by in metrics: the attributes of OpenTelemetry's conventions for MCP, and the server's
/// workload. Empty is not known.
/// </summary>
/// <param name="Method">mcp.method.name.</param>
/// <param name="Tool">gen_ai.tool.name.</param>
/// <param name="Prompt">gen_ai.prompt.name.</param>
/// <param name="Error">error.type; empty when the call went well.</param>
/// <param name="Version">mcp.protocol.version.</param>
/// <param name="Server">server.address and server.port; null for calls that are not told apart any more.</param>
/// <param name="ServerNamespace">The namespace of the server's pod.</param>
/// <param name="ServerWorkload">What the server's pod belongs to.</param>
internal readonly record struct Operation(
    string Method,
    string Tool,
    string Prompt,
    string Error,
    string Version,
    IpEndpoint? Server,
    string ServerNamespace,
    string ServerWorkload
)
{
    /// <summary>The name under which everything beyond the bound is counted.</summary>
    public const string Other = "other";

    /// <summary>Where this goes when it would be one series too many: whether it went well is still told.</summary>
    public Operation Overflow =>
        new(
            Other,
            Other,
            string.Empty,
            Error.Length > 0 ? Other : string.Empty,
            string.Empty,
            null,
            string.Empty,
            string.Empty
        );

    /// <summary>The operation that a call was; each text is cut to <see cref="Labels.LongestValue"/>.</summary>
    public static Operation Of(CallRecord call) =>
        new(
            Labels.Cut(call.Method),
            call.Method == "tools/call" ? Labels.Cut(call.Name) : string.Empty,
            call.Method == "prompts/get" ? Labels.Cut(call.Name) : string.Empty,
            ErrorType(call),
            Labels.Cut(call.ProtocolVersion),
            call.Server,
            Labels.Cut(call.ServerIdentity?.Namespace ?? string.Empty),
            Labels.Cut(call.ServerIdentity?.Workload ?? string.Empty)
        );

    /// <summary>
    /// The convention's <c>error.type</c>: the JSON-RPC error's code, <c>tool_error</c>, else the HTTP status or how
    /// the call was given up.
    /// </summary>
    public static string ErrorType(CallRecord call) =>
        call.Status switch
        {
            CallStatus.Ok or CallStatus.InputRequired => string.Empty,
            CallStatus.RpcError => call.ErrorCode.ToString(CultureInfo.InvariantCulture),
            CallStatus.HttpError => call.HttpStatus.ToString(CultureInfo.InvariantCulture),
            _ => CallRecordWriter.Name(call.Status),
        };

    /// <summary>The labels, as OpenTelemetry's names are written in Prometheus.</summary>
    public Labels ToLabels() =>
        new Labels()
            .Add("mcp_method_name", Method)
            .Add("gen_ai_tool_name", Tool)
            .Add("gen_ai_prompt_name", Prompt)
            .Add("error_type", Error)
            .Add("mcp_protocol_version", Version)
            .Add("network_transport", "tcp")
            .Add("server_address", Server?.ToIPAddress().ToString() ?? Other)
            .Add("server_port", Server?.Port.ToString(CultureInfo.InvariantCulture) ?? string.Empty)
            .Add("server_namespace", ServerNamespace)
            .Add("server_workload", ServerWorkload);
}
