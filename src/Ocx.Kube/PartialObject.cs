using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Ocx.Kube;

/// <summary>An object of which a part is read, or written: a kind's own type would have all of it.</summary>
/// <param name="apiVersion">The group and version of the kind.</param>
/// <param name="kind">The kind.</param>
public abstract class PartialObject(string apiVersion, string kind) : IKubernetesObject<V1ObjectMeta>
{
    /// <inheritdoc/>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = apiVersion;

    /// <inheritdoc/>
    [JsonPropertyName("kind")]
    public string Kind { get; set; } = kind;

    /// <inheritdoc/>
    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();
}
