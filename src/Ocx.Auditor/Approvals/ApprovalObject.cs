using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using k8s.Models;
using Ocx.Api;
using Ocx.Audit.Approvals;
using Ocx.Audit.Intents;
using Ocx.Audit.Ledger;
using Ocx.Kube;
using Ocx.Text;

namespace Ocx.Auditor.Approvals;

/// <summary>Approvals as objects of a cluster, and back.</summary>
internal static class ApprovalObject
{
    private const int HashDigits = 12;

    // An RFC 3339 time as the API server writes them, to the second and in UTC.
    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>The object that asks.</summary>
    /// <param name="asked">The question.</param>
    /// <param name="before">
    /// The uid of the last object of the same binding; empty when there is none. It is a part of the name, so that
    /// auditors who ask at once make one object, and a name that was decided on is not used again.
    /// </param>
    public static V1Alpha1McpApproval Of(Approval asked, string before)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{asked.Binding} {before}"));
        return new V1Alpha1McpApproval
        {
            Metadata = new V1ObjectMeta
            {
                Name = $"{asked.Audit.Name}-{Convert.ToHexStringLower(hash)[..HashDigits]}",
                NamespaceProperty = asked.Audit.Namespace,
            },
            Spec = new V1Alpha1McpApprovalSpec
            {
                Audit = asked.Audit.Name,
                Generation = asked.Audit.Generation,
                Binding = asked.Binding,
                Call = asked.Call,
                Caller = asked.Caller,
                Server = asked.Server,
                Method = asked.Method,
                Tool = asked.Tool,
                Class = asked.Class.ToString(),
                Arguments = asked.Arguments,
                ArgumentsDigest = asked.ArgumentsDigest,
                Why = asked.Why,
                ExpiresAt = Format(asked.ExpiresAt),
            },
        };
    }

    /// <summary>
    /// What an object says; null when it cannot be read. Others may have written it: each text is plain and bounded.
    /// </summary>
    public static Approval? Read(V1Alpha1McpApproval from)
    {
        if (from.Spec is not { } spec || Time(spec.ExpiresAt) is not { } expires)
        {
            return null;
        }

        return new Approval
        {
            Id = $"{from.Namespace()}/{from.Name()}",
            Binding = spec.Binding,
            Audit = new AuditReference(from.Namespace(), Plain(spec.Audit), spec.Generation),
            Call = Plain(spec.Call),
            Caller = Plain(spec.Caller),
            Server = Plain(spec.Server),
            Method = Plain(spec.Method),
            Tool = Plain(spec.Tool),
            Class = spec.Class == nameof(CallClass.Reversible) ? CallClass.Reversible : CallClass.Irreversible,
            Arguments = WireText.Escape(spec.Arguments ?? string.Empty, Approval.LongestArguments),
            ArgumentsDigest = Plain(spec.ArgumentsDigest),
            Why = WireText.Escape(spec.Why ?? string.Empty, LedgerLimits.Reason),
            AskedAt = from.CreationTimestamp() is { } created
                ? new DateTimeOffset(DateTime.SpecifyKind(created, DateTimeKind.Utc))
                : DateTimeOffset.UnixEpoch,
            ExpiresAt = expires,
            Decision = from.Status?.Decision switch
            {
                nameof(ApprovalDecision.Approve) => ApprovalDecision.Approve,
                nameof(ApprovalDecision.Refuse) => ApprovalDecision.Refuse,
                _ => null,
            },
            DecidedBy = Plain(from.Status?.DecidedBy is { Length: > 0 } by ? by : "somebody who may"),
            Reason = Plain(from.Status?.Reason),
            UsedAt = Time(from.Status?.UsedAt),
            UsedBy = Plain(from.Status?.UsedBy),
        };
    }

    /// <summary>A time as objects have it.</summary>
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString(TimeForm, CultureInfo.InvariantCulture);

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParseExact(
            text,
            TimeForm,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out DateTimeOffset time
        )
            ? time
            : null;

    private static string Plain(string? text) => WireText.Escape(text ?? string.Empty, Approval.LongestWord);
}

/// <summary>An McpApproval as the auditor uses it up: of the status only what is its own to write.</summary>
[KubernetesEntity(
    Group = OcxApi.Group,
    ApiVersion = OcxApi.Version,
    Kind = V1Alpha1McpApproval.KubeKind,
    PluralName = V1Alpha1McpApproval.KubePluralName
)]
internal sealed class ApprovalUse() : PartialObject(OcxApi.GroupVersion, V1Alpha1McpApproval.KubeKind)
{
    /// <summary>What became of it.</summary>
    [JsonPropertyName("status")]
    public V1Alpha1McpApprovalStatus? Status { get; set; }
}
