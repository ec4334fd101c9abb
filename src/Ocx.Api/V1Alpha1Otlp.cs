using System.Text.Json.Serialization;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>Where agents send a span and a log of each call by OTLP.</summary>
public sealed class V1Alpha1Otlp
{
    /// <summary>The receiver.</summary>
    [JsonPropertyName("endpoint")]
    [Description(
        "The receiver's URL, such as http://collector.observability:4317. It holds no credentials: "
            + "those are for headersSecret."
    )]
    [Required]
    [Length(Maximum = 2048)]
    [Pattern(@"^https?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[^\s?#@$]*)?$")]
    public string? Endpoint { get; set; }

    /// <summary>The protocol.</summary>
    [JsonPropertyName("protocol")]
    [Description("The protocol: receivers mostly take grpc on port 4317 and http/protobuf on port 4318.")]
    [AllowedValues(OtlpProtocol.Grpc, OtlpProtocol.HttpProtobuf)]
    public string Protocol { get; set; } = OtlpProtocol.Grpc;

    /// <summary>The headers.</summary>
    [JsonPropertyName("headersSecret")]
    [Description(
        "What is sent with each request, such as credentials: a Secret's key that holds name=value, "
            + "and more after commas."
    )]
    public V1Alpha1SecretKey? HeadersSecret { get; set; }

    /// <summary>What an API server cannot see in the schema.</summary>
    /// <returns>Why the endpoint is no URL; null when it is one.</returns>
    public string? Problem() =>
        Uri.TryCreate(Endpoint, UriKind.Absolute, out _)
            ? null
            : $"spec.otlp.endpoint: '{Endpoint}' is not a URL such as http://collector.observability:4317";
}
