using Ocx.Mcp.JsonRpc;

namespace Ocx.Mcp.Pairing;

/// <summary>Which features of the deprecated features registry (MCP 2026-07-28) a request uses.</summary>
internal static class DeprecatedFeatures
{
    /// <summary>What a server sends that logs to its client.</summary>
    public const string LogNotification = "notifications/message";

    /// <summary>Those that a request uses, by its method, its members or its transport.</summary>
    public static McpDeprecated Of(in JsonRpcMessage message, in MessagePlace place)
    {
        McpDeprecated used = place.Exchange is { Session.HasStream: true } ? McpDeprecated.HttpSse : McpDeprecated.None;
        return message.Method[0] is not ('r' or 's' or 'l')
            ? used | (message.Deprecated & McpDeprecated.Logging)
            : OfMethod(message, used);
    }

    private static McpDeprecated OfMethod(in JsonRpcMessage message, McpDeprecated used) =>
        message.Method switch
        {
            "roots/list" => used | McpDeprecated.Roots,
            "sampling/createMessage" => used
                | McpDeprecated.Sampling
                | (message.Deprecated & McpDeprecated.IncludeContext),
            "logging/setLevel" => used | McpDeprecated.Logging,
            _ => used | (message.Deprecated & McpDeprecated.Logging),
        };
}
