using System.Text.Json.Serialization;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>The MCP server that is audited.</summary>
public sealed class V1Alpha1AuditServer
{
    /// <summary>Its pods.</summary>
    [JsonPropertyName("podSelector")]
    [Description("The server's pods, by their labels, in the audit's own namespace.")]
    [Required]
    public V1Alpha1PodSelector? PodSelector { get; set; }

    /// <summary>Its port.</summary>
    [JsonPropertyName("port")]
    [Description("The server's TCP port.")]
    [RangeMinimum(1)]
    [RangeMaximum(65535)]
    public int Port { get; set; } = 8080;
}

/// <summary>A label selector as Kubernetes has it, with bounds.</summary>
public sealed class V1Alpha1PodSelector
{
    /// <summary>Labels with their value.</summary>
    [JsonPropertyName("matchLabels")]
    [Description("Labels that the pods have, each with its value.")]
    [Length(Maximum = 63)]
    [Pattern(Label)]
    [MaxItems(16)]
    public IDictionary<string, string>? MatchLabels { get; set; }

    /// <summary>Rules on labels.</summary>
    [JsonPropertyName("matchExpressions")]
    [Description("Rules that the pods' labels hold.")]
    [MaxItems(16)]
    [ListType("atomic")]
    public IList<V1Alpha1LabelRule>? MatchExpressions { get; set; }

    /// <summary>It selects every pod.</summary>
    [JsonIgnore]
    public bool IsEmpty => MatchLabels is not { Count: > 0 } && MatchExpressions is not { Count: > 0 };

    internal const string Label = "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$";

    /// <summary>What an API server cannot see in the schema.</summary>
    internal IEnumerable<string> Problems() =>
        (MatchExpressions ?? [])
            .Where(rule =>
                (rule.Operator is LabelOperator.In or LabelOperator.NotIn) != (rule.Values is { Count: > 0 })
            )
            .Select(rule =>
                $"spec.server.podSelector.matchExpressions: {rule.Key}: In and NotIn take values, Exists and "
                + "DoesNotExist none"
            );
}

/// <summary>A rule on one label.</summary>
public sealed class V1Alpha1LabelRule
{
    /// <summary>The label.</summary>
    [JsonPropertyName("key")]
    [Description("The label.")]
    [Required]
    [Length(Minimum = 1, Maximum = 317)]
    [Pattern("^[-A-Za-z0-9_./]+$")]
    public string Key { get; set; } = string.Empty;

    /// <summary>The rule.</summary>
    [JsonPropertyName("operator")]
    [Description("In and NotIn compare with values; Exists and DoesNotExist take none.")]
    [Required]
    [AllowedValues(LabelOperator.In, LabelOperator.NotIn, LabelOperator.Exists, LabelOperator.DoesNotExist)]
    public string Operator { get; set; } = LabelOperator.In;

    /// <summary>The values.</summary>
    [JsonPropertyName("values")]
    [Description("The values that In and NotIn compare with.")]
    [Length(Maximum = 63)]
    [Pattern(V1Alpha1PodSelector.Label)]
    [MaxItems(16)]
    [ListType("atomic")]
    public IList<string>? Values { get; set; }
}
