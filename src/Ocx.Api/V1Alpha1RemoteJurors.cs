using System.Text.Json.Serialization;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>The juror webhook.</summary>
public sealed class V1Alpha1WebhookJuror
{
    /// <summary>Where it is.</summary>
    [JsonPropertyName("url")]
    [Description("The service's HTTPS URL. It holds no credentials.")]
    [Required]
    [Length(Maximum = 2048)]
    [Pattern(AuditBounds.HttpsUrl)]
    public string? Url { get; set; }

    /// <summary>Who signs its certificate.</summary>
    [JsonPropertyName("caBundle")]
    [Description("Certificates in PEM that sign the service's; the system's when not given.")]
    [Length(Maximum = 65536)]
    [Pattern("^-----BEGIN CERTIFICATE-----[-A-Za-z0-9+/=\\s]+-----END CERTIFICATE-----\\s*$")]
    public string? CaBundle { get; set; }

    /// <summary>The client's certificate.</summary>
    [JsonPropertyName("clientCertificateSecret")]
    [Description("A Secret of type kubernetes.io/tls in this namespace: the client certificate.")]
    [Length(Maximum = 253)]
    [Pattern(OcxApi.NodeNamePattern)]
    public string? ClientCertificateSecret { get; set; }

    /// <summary>The token.</summary>
    [JsonPropertyName("tokenSecret")]
    [Description("A Secret's key in this namespace: the bearer token.")]
    public V1Alpha1LocalKey? TokenSecret { get; set; }

    /// <summary>How often it is asked again.</summary>
    [JsonPropertyName("retries")]
    [Description("How often a review that got no answer is sent again within the timeout. A review changes nothing.")]
    [RangeMinimum(0)]
    [RangeMaximum(5)]
    public int Retries { get; set; } = 1;
}

/// <summary>The juror model.</summary>
public sealed class V1Alpha1ModelJuror
{
    /// <summary>Where they are.</summary>
    [JsonPropertyName("url")]
    [Description("The URL of an OpenAI-compatible API, up to and with its version: https://models.ai/v1.")]
    [Required]
    [Length(Maximum = 2048)]
    [Pattern(AuditBounds.HttpUrl)]
    public string? Url { get; set; }

    /// <summary>The models.</summary>
    [JsonPropertyName("models")]
    [Description("The models; several are a panel.")]
    [Required]
    [Length(Minimum = 1, Maximum = 128)]
    [Pattern("^[-A-Za-z0-9._:/@]+$")]
    [MaxItems(8)]
    [ListType("set")]
    public IList<string>? Models { get; set; }

    /// <summary>The key.</summary>
    [JsonPropertyName("apiKeySecret")]
    [Description("A Secret's key in this namespace: the API key.")]
    public V1Alpha1LocalKey? ApiKeySecret { get; set; }

    /// <summary>The prompt.</summary>
    [JsonPropertyName("promptConfigMap")]
    [Description("A ConfigMap's key in this namespace: the prompt that replaces the one built in.")]
    public V1Alpha1LocalKey? PromptConfigMap { get; set; }
}

/// <summary>A key of a Secret or ConfigMap in the object's own namespace.</summary>
public sealed class V1Alpha1LocalKey
{
    /// <summary>The object.</summary>
    [JsonPropertyName("name")]
    [Description("The name.")]
    [Required]
    [Length(Maximum = 253)]
    [Pattern(OcxApi.NodeNamePattern)]
    public string? Name { get; set; }

    /// <summary>The key.</summary>
    [JsonPropertyName("key")]
    [Description("The key in its data.")]
    [Required]
    [Length(Maximum = 253)]
    [Pattern("^[-._a-zA-Z0-9]+$")]
    public string? Key { get; set; }
}
