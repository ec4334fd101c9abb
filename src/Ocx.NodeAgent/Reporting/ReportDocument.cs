using System.Text.Json.Serialization;
using Ocx.Api;

namespace Ocx.NodeAgent.Reporting;

/// <summary>
/// An McpTapReport as the agent sends and receives it: the fields that it owns, and the interval that it reads.
/// </summary>
internal sealed record ReportDocument
{
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; init; } = OcxApi.GroupVersion;

    [JsonPropertyName("kind")]
    public string Kind { get; init; } = V1Alpha1McpTapReport.KubeKind;

    [JsonPropertyName("metadata")]
    public required ReportMetadata Metadata { get; init; }

    [JsonPropertyName("spec")]
    public required ReportSpec Spec { get; init; }

    [JsonPropertyName("status")]
    public V1Alpha1McpTapReportStatus? Status { get; init; }
}

/// <summary>A report's name, and the McpTap that owns it.</summary>
internal sealed record ReportMetadata(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("labels")] IReadOnlyDictionary<string, string>? Labels,
    [property: JsonPropertyName("ownerReferences")] IReadOnlyList<ReportOwner>? OwnerReferences
);

/// <summary>A reference to the McpTap.</summary>
internal sealed record ReportOwner(
    [property: JsonPropertyName("apiVersion")] string ApiVersion,
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("uid")] string Uid
);

/// <summary>Whose report it is, and the operator's interval.</summary>
internal sealed record ReportSpec(
    [property: JsonPropertyName("tap")] string Tap,
    [property: JsonPropertyName("node")] string Node,
    [property: JsonPropertyName("interval")] string? Interval
);

/// <summary>Reads and writes reports without reflection, which an ahead-of-time compiled agent has not.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ReportDocument))]
internal sealed partial class ReportJson : JsonSerializerContext;
