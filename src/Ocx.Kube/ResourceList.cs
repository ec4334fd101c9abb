using System.Text.Json;
using System.Text.Json.Serialization;
using k8s.Models;

namespace Ocx.Kube;

/// <summary>A page of a list, its items still to be read one by one.</summary>
public sealed record ResourceList
{
    /// <summary>Where it ends, and of which version it is.</summary>
    [JsonPropertyName("metadata")]
    public V1ListMeta? Metadata { get; init; }

    /// <summary>
    /// The items. A list of metadata with none of them, such as of nodes where there are none yet, has null in their
    /// place.
    /// </summary>
    [JsonPropertyName("items")]
    public IReadOnlyList<JsonElement>? Items { get; init; }
}
