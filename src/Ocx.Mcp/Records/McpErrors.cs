namespace Ocx.Mcp.Records;

/// <summary>The names of the errors that MCP defines beyond those of JSON-RPC (schema.ts of each revision).</summary>
public static class McpErrors
{
    /// <summary>An error's name; empty for one of JSON-RPC, or of a server's own.</summary>
    public static string NameOf(int code) =>
        code switch
        {
            -32002 => "ResourceNotFound", // until 2025-11-25
            -32020 => "HeaderMismatch",
            -32021 => "MissingRequiredClientCapability",
            -32022 => "UnsupportedProtocolVersion",
            -32042 => "URLElicitationRequired", // 2025-11-25
            _ => string.Empty,
        };

    /// <summary>An error's code, and its name where it has one: <c>-32020 HeaderMismatch</c>.</summary>
    public static string Describe(int code) =>
        NameOf(code) is { Length: > 0 } name
            ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{code} {name}")
            : code.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
