using System.Text.Json.Serialization;
using k8s;
using k8s.Models;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>
/// A call that waits for a person, and what he says. The auditor writes it; who may write its status decides.
/// </summary>
[KubernetesEntity(Group = OcxApi.Group, ApiVersion = OcxApi.Version, Kind = KubeKind, PluralName = KubePluralName)]
[EntityScope(EntityScope.Namespaced)]
[StatusSubresource]
[KubectlNames("approval", "ocx")]
[Description("An McpApproval asks a person whether a call that an McpAudit holds may have its way.")]
[GenericAdditionalPrinterColumn(".spec.audit", "Audit", "string", Order = 1)]
[GenericAdditionalPrinterColumn(".spec.tool", "Tool", "string", Order = 2)]
[GenericAdditionalPrinterColumn(".spec.caller", "Caller", "string", Order = 3)]
[GenericAdditionalPrinterColumn(".status.decision", "Decision", "string", Order = 4)]
[GenericAdditionalPrinterColumn(".status.usedAt", "Used", "date", Order = 5)]
[GenericAdditionalPrinterColumn(".spec.expiresAt", "Expires", "string", Order = 6)]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date", Order = 7)]
[GenericAdditionalPrinterColumn(".spec.arguments", "Arguments", "string", Order = 8, Priority = 1)]
[GenericAdditionalPrinterColumn(".spec.why", "Why", "string", Order = 9, Priority = 1)]
public sealed class V1Alpha1McpApproval : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The kind's name.</summary>
    public const string KubeKind = "McpApproval";

    /// <summary>The kind's name in an address.</summary>
    public const string KubePluralName = "mcpapprovals";

    /// <inheritdoc/>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = OcxApi.GroupVersion;

    /// <inheritdoc/>
    [JsonPropertyName("kind")]
    public string Kind { get; set; } = KubeKind;

    /// <inheritdoc/>
    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>The question.</summary>
    [JsonPropertyName("spec")]
    [Description("The call that waits. All texts are redacted and cut.")]
    [Required]
    public V1Alpha1McpApprovalSpec Spec { get; set; } = null!;

    /// <summary>The answer.</summary>
    [JsonPropertyName("status")]
    [Description("What a person decided, and whether a call was released by it.")]
    public V1Alpha1McpApprovalStatus? Status { get; set; }
}

/// <summary>A call that waits.</summary>
public sealed class V1Alpha1McpApprovalSpec
{
    /// <summary>The audit.</summary>
    [JsonPropertyName("audit")]
    [Description("The McpAudit of this namespace that holds the call.")]
    [Required]
    [Length(Maximum = 253)]
    public string Audit { get; set; } = null!;

    /// <summary>Its generation.</summary>
    [JsonPropertyName("generation")]
    [Description("The audit's generation when it judged: a changed audit asks anew.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Generation { get; set; }

    /// <summary>What the answer holds for.</summary>
    [JsonPropertyName("binding")]
    [Description("SHA-256 over all that the answer holds for: audit, caller, server, method, tool and arguments.")]
    [Required]
    [Pattern("^[0-9a-f]{64}$")]
    public string Binding { get; set; } = null!;

    /// <summary>The call.</summary>
    [JsonPropertyName("call")]
    [Description("The key of the call that asks, as 'ocx audit show' takes it.")]
    [Required]
    [Length(Maximum = 64)]
    public string Call { get; set; } = null!;

    /// <summary>Who called.</summary>
    [JsonPropertyName("caller")]
    [Description("Who calls: a workload or pod, else an address. It is not the name that a client gives itself.")]
    [Length(Maximum = 256)]
    public string? Caller { get; set; }

    /// <summary>Who was called.</summary>
    [JsonPropertyName("server")]
    [Description("Who is called: a workload or pod, else an address.")]
    [Length(Maximum = 256)]
    public string? Server { get; set; }

    /// <summary>The method.</summary>
    [JsonPropertyName("method")]
    [Description("The JSON-RPC method.")]
    [Length(Maximum = 256)]
    public string? Method { get; set; }

    /// <summary>The tool.</summary>
    [JsonPropertyName("tool")]
    [Description("The tool.")]
    [Length(Maximum = 256)]
    public string? Tool { get; set; }

    /// <summary>Its class.</summary>
    [JsonPropertyName("class")]
    [Description("Whether what the call does can be taken back.")]
    [AllowedValues("Reversible", "Irreversible")]
    public string Class { get; set; } = "Irreversible";

    /// <summary>The arguments.</summary>
    [JsonPropertyName("arguments")]
    [Description("The arguments as JSON text, redacted; of long ones the beginning.")]
    [Length(Maximum = 2048)]
    public string? Arguments { get; set; }

    /// <summary>Their digest.</summary>
    [JsonPropertyName("argumentsDigest")]
    [Description("SHA-256 of all arguments as they were sent.")]
    [Required]
    [Pattern("^[0-9a-f]{64}$")]
    public string ArgumentsDigest { get; set; } = null!;

    /// <summary>Why it waits.</summary>
    [JsonPropertyName("why")]
    [Description("Why the call is held.")]
    [Length(Maximum = 512)]
    public string? Why { get; set; }

    /// <summary>When it ends.</summary>
    [JsonPropertyName("expiresAt")]
    [Description("From then on it can neither be answered nor used, RFC 3339.")]
    [Required]
    [Length(Maximum = OcxApi.LongestTime)]
    public string ExpiresAt { get; set; } = null!;
}

/// <summary>What a person decided.</summary>
public sealed record V1Alpha1McpApprovalStatus
{
    /// <summary>The decision.</summary>
    [JsonPropertyName("decision")]
    [Description(
        "Approve releases the next such call, once. Refuse refuses each such call until the approval expires."
    )]
    [AllowedValues("Approve", "Refuse")]
    public string? Decision { get; set; }

    /// <summary>Who decided.</summary>
    [JsonPropertyName("decidedBy")]
    [Description("Who decided: the user name that the API server knows, where its admission policy is installed.")]
    [Length(Maximum = 256)]
    public string? DecidedBy { get; set; }

    /// <summary>Why.</summary>
    [JsonPropertyName("reason")]
    [Description("Why, in the person's words. It stands in the record of the call.")]
    [Length(Maximum = 256)]
    public string? Reason { get; set; }

    /// <summary>When it was used.</summary>
    [JsonPropertyName("usedAt")]
    [Description("When a call was released by it, RFC 3339. The auditor's to write.")]
    [Length(Maximum = OcxApi.LongestTime)]
    public string? UsedAt { get; set; }

    /// <summary>By which call.</summary>
    [JsonPropertyName("usedBy")]
    [Description("The key of that call. The auditor's to write.")]
    [Length(Maximum = 64)]
    public string? UsedBy { get; set; }
}
