using System.Text.Json.Serialization;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>
/// A key of a Secret in the operator's namespace. The kubelet reads it for the agents' pods; the operator never does.
/// </summary>
public sealed class V1Alpha1SecretKey
{
    /// <summary>The Secret.</summary>
    [JsonPropertyName("name")]
    [Description("The Secret's name, in the operator's namespace.")]
    [Required]
    [Length(Maximum = 253)]
    [Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")]
    public string? Name { get; set; }

    /// <summary>The key.</summary>
    [JsonPropertyName("key")]
    [Description("The key in its data.")]
    [Required]
    [Length(Maximum = 253)]
    [Pattern("^[-._a-zA-Z0-9]+$")]
    public string? Key { get; set; }
}
