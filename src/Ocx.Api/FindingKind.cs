namespace Ocx.Api;

/// <summary>What an agent may find in the traffic that an administrator should look at. See docs/findings.md.</summary>
public static class FindingKind
{
    /// <summary>A server's tool is told differently than before, is new, or is gone.</summary>
    public const string ToolsChanged = "tools_changed";

    /// <summary>A credential stood in a call's arguments.</summary>
    public const string CredentialInArguments = "credential_in_arguments";

    /// <summary>A server served a call that carried no credential.</summary>
    public const string NoAuthorization = "no_authorization";

    /// <summary>The server's pod declares ports, and not the one that it serves on.</summary>
    public const string UndeclaredPort = "undeclared_port";

    /// <summary>A server served a call of a web page of another host.</summary>
    public const string OriginMismatch = "origin_mismatch";

    /// <summary>A call's headers name another method or tool than its body.</summary>
    public const string HeaderMismatch = "header_mismatch";

    /// <summary>A feature is used that MCP has deprecated.</summary>
    public const string DeprecatedFeature = "deprecated_feature";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        ToolsChanged,
        CredentialInArguments,
        NoAuthorization,
        UndeclaredPort,
        OriginMismatch,
        HeaderMismatch,
        DeprecatedFeature,
    ];
}
