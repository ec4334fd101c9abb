using System.Text.Json;
using System.Text.Json.Serialization;
using k8s.Models;
using Ocx.Api;

namespace Ocx.Cli.Clusters;

/// <summary>McpTaps, as the API server lists them.</summary>
internal sealed record McpTapList
{
    /// <summary>The McpTaps, each to be read by itself.</summary>
    [JsonPropertyName("items")]
    public IReadOnlyList<JsonElement> Items { get; init; } = [];
}

/// <summary>An McpTap.</summary>
/// <param name="Tap">What can be read of it.</param>
/// <param name="Json">All of it, as the API server sent it.</param>
internal sealed record ListedTap(V1Alpha1McpTap Tap, JsonElement Json);

/// <summary>What is read from the API server and the client library does not know.</summary>
[JsonSerializable(typeof(McpTapList))]
[JsonSerializable(typeof(V1Alpha1McpTap))]
[JsonSerializable(typeof(V1APIResourceList))]
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class ClusterJson : JsonSerializerContext;
