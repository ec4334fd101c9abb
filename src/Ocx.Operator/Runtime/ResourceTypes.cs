using System.Text.Json;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Ocx.Operator.Runtime;

/// <summary>A page of a list, its items still to be read one by one.</summary>
internal sealed record ResourceList
{
    [JsonPropertyName("metadata")]
    public V1ListMeta? Metadata { get; init; }

    /// <summary>
    /// The items. A list of metadata with none of them, such as of nodes where there are none yet, has null in their
    /// place.
    /// </summary>
    [JsonPropertyName("items")]
    public IReadOnlyList<JsonElement>? Items { get; init; }
}

/// <summary>
/// A node, of which only the metadata is read: thousands of whole ones would fill the operator's memory.
/// </summary>
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
