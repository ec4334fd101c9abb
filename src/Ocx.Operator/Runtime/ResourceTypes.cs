using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Ocx.Operator.Runtime;

/// <summary>A page of a list.</summary>
internal sealed record ResourceList<T>
{
    [JsonPropertyName("metadata")]
    public V1ListMeta Metadata { get; init; } = new();

    /// <summary>The items. A list of metadata with none of them, such as of nodes where there are none yet, has null in their place.</summary>
    [JsonPropertyName("items")]
    public IReadOnlyList<T>? Items { get; init; }
}

/// <summary>A line of a watch.</summary>
internal sealed record WatchEvent<T>
{
    [JsonPropertyName("type")]
    public string Type { get; init; } = string.Empty;

    [JsonPropertyName("object")]
    public T Object { get; init; } = default!;
}

/// <summary>A line of a watch, of which only the type is read.</summary>
internal sealed record WatchEnvelope([property: JsonPropertyName("type")] string Type);

/// <summary>Reads <see cref="WatchEnvelope"/>.</summary>
[JsonSerializable(typeof(WatchEnvelope))]
internal sealed partial class WatchEnvelopeContext : JsonSerializerContext;

/// <summary>A node, of which only the metadata is read: thousands of whole ones would fill the operator's memory.</summary>
[KubernetesEntity(Group = "", ApiVersion = "v1", Kind = "Node", PluralName = "nodes")]
internal sealed class NodeMetadata : IKubernetesObject<V1ObjectMeta>
{
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "v1";

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "Node";

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();
}
