namespace Ocx.Api;

/// <summary>The values of an McpTap's <c>payload</c>.</summary>
public static class PayloadMode
{
    /// <summary>Messages are exported with their payload.</summary>
    public const string Full = "Full";

    /// <summary>Only what describes a message is exported.</summary>
    public const string Metadata = "Metadata";
}

/// <summary>The values of an McpTap's <c>securityProfile</c>.</summary>
public static class SecurityProfiles
{
    /// <summary>The least capabilities that work.</summary>
    public const string Capabilities = "Capabilities";

    /// <summary>A privileged container.</summary>
    public const string Privileged = "Privileged";
}

/// <summary>The values of <c>protocol</c> in an McpTap's <c>otlp</c>, as OpenTelemetry spells them.</summary>
public static class OtlpProtocol
{
    /// <summary>Protobuf over gRPC.</summary>
    public const string Grpc = "grpc";

    /// <summary>Protobuf over HTTP.</summary>
    public const string HttpProtobuf = "http/protobuf";
}
