using Ocx.Mcp.JsonRpc;

namespace Ocx.Mcp.Pairing;

/// <summary>
/// Whether the headers that repeat a part of the body say the same (MCP 2026-07-28, Streamable HTTP, "Server
/// Validation").
/// </summary>
internal sealed class HeaderCheck(JsonValues values)
{
    /// <summary>True where they do not, or where one is missing that has to be there.</summary>
    public bool Disagree(Exchange exchange, in JsonRpcMessage message, ReadOnlySpan<byte> json, ToolTraits? tool)
    {
        if (
            (exchange.McpMethod.Length > 0 && exchange.McpMethod != message.Method)
            || NamesDisagree(exchange, message)
            || (
                exchange.McpMethod.Length > 0
                && message.ProtocolVersion.Length > 0
                && exchange.ProtocolVersion.Length > 0
                && message.Method != "initialize"
                && exchange.ProtocolVersion != message.ProtocolVersion
            )
        )
        {
            return true;
        }

        // Nothing more is asked of most calls.
        bool hasHeaders = tool is { Headers.Count: > 0 };
        if (message.ProtocolVersion.Length == 0 && !hasHeaders)
        {
            return false;
        }

        if (!McpRevisions.IsStateless(First(exchange.ProtocolVersion, message.ProtocolVersion)))
        {
            return false;
        }

        return (McpRevisions.IsStateless(message.ProtocolVersion) && IsOneMissing(exchange, message))
            || (
                hasHeaders
                && !message.Truncated
                && message.Method == "tools/call"
                && new ArgumentHeaders(tool!.Headers, exchange.Parameters, values).Disagree(json[message.Arguments])
            );
    }

    // Of what is about a task it is the task's id (SEP-2663, "Routing Headers"). Extensions may name other things.
    private static bool NamesDisagree(Exchange exchange, in JsonRpcMessage message) =>
        exchange.McpName.Length > 0
        && !message.Truncated
        && (
            TaskFollower.IsAbout(message.Method) ? exchange.McpName != message.Task.Id
            : HasName(message.Method) ? exchange.McpName != message.Name
            : message.Name.Length > 0 && exchange.McpName != message.Name
        );

    private static bool IsOneMissing(Exchange exchange, in JsonRpcMessage message) =>
        exchange.McpMethod.Length == 0
        || exchange.ProtocolVersion.Length == 0
        || (
            exchange.McpName.Length == 0
            && !message.Truncated
            && (
                (HasName(message.Method) && message.Name.Length > 0)
                || (TaskFollower.IsAbout(message.Method) && message.Task.Id.Length > 0)
            )
        );

    private static bool HasName(string method) => method is "tools/call" or "resources/read" or "prompts/get";

    private static string First(string a, string b) => a.Length > 0 ? a : b;
}
