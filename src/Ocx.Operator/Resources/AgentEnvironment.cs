using System.Globalization;
using k8s.Models;
using Ocx.Api;
using Ocx.Operator.Options;

namespace Ocx.Operator.Resources;

/// <summary>The agent's configuration, which it reads from its environment.</summary>
internal static class AgentEnvironment
{
    /// <summary>The variable with the report interval.</summary>
    public const string ReportInterval = "OCX_REPORT_INTERVAL";

    public static IList<V1EnvVar> Of(
        V1Alpha1McpTap tap,
        OperatorOptions options,
        int healthPort,
        AgentAuditing? auditing
    ) =>
        [
            Value("OCX_INTERFACE", tap.Spec.Interface),
            Value("OCX_PORT", string.Join(',', (tap.Spec.AdditionalPorts ?? []).Prepend(tap.Spec.Port).Distinct())),
            Value("OCX_RING_SIZE", tap.Spec.RingSize),
            Value("OCX_SNAP_LENGTH", tap.Spec.SnapLength.ToString(CultureInfo.InvariantCulture)),
            Value("OCX_DECAPSULATE", tap.Spec.Decapsulate ? "true" : "false"),
            // Calls are redacted; segments would bring every credential that a header carries into the pods' logs.
            Value("OCX_EVENTS", "calls"),
            Value("OCX_PAYLOAD", tap.Spec.Payload),
            .. List("OCX_REDACT_PATH", tap.Spec.Redact?.Paths),
            .. List("OCX_REDACT_PATTERN", tap.Spec.Redact?.Patterns),
            Value("OCX_FINDINGS", tap.Spec.Findings ? "true" : "false"),
            .. Otlp(tap.Spec.Otlp),
            .. auditing?.Environment ?? [],
            Value("OCX_STATS_INTERVAL", tap.Spec.StatsInterval),
            Value("OCX_LOG_LEVEL", tap.Spec.LogLevel),
            Value("OCX_LOG_FORMAT", "json"),
            // The kubelet's probes and Prometheus come to the pod's address, which on the host network is the node's.
            Field("OCX_HTTP_ADDRESS", "status.hostIP"),
            Value("OCX_HTTP_PORT", healthPort.ToString(CultureInfo.InvariantCulture)),
            Value("OCX_REPORT", "true"),
            Value(ReportInterval, tap.Spec.ReportInterval),
            Value("OCX_PODS", options.AgentPods ? "true" : "false"),
            Value("OCX_PROCESSES", tap.Spec.Processes ? "true" : "false"),
            Value("OCX_TAP", tap.Metadata.Name),
            Value("OCX_TAP_UID", tap.Metadata.Uid),
            Field("OCX_NODE_NAME", "spec.nodeName"),
            Field("OCX_NAMESPACE", "metadata.namespace"),
        ];

    private static V1EnvVar Value(string name, string value) => new() { Name = name, Value = value };

    private static IEnumerable<V1EnvVar> List(string name, IList<string>? values) =>
        values is { Count: > 0 } ? [Value(name, string.Join('\n', values))] : [];

    private static IEnumerable<V1EnvVar> Otlp(V1Alpha1Otlp? otlp)
    {
        if (otlp is null)
        {
            yield break;
        }

        yield return Value("OCX_OTLP_ENDPOINT", otlp.Endpoint!);
        yield return Value("OTEL_EXPORTER_OTLP_PROTOCOL", otlp.Protocol);
        if (otlp.HeadersSecret is { } secret)
        {
            yield return Secret("OTEL_EXPORTER_OTLP_HEADERS", secret);
        }
    }

    // The kubelet puts the value in: it is in no object that the operator writes, and the operator needs no right to
    // read it.
    private static V1EnvVar Secret(string name, V1Alpha1SecretKey secret) =>
        new()
        {
            Name = name,
            ValueFrom = new V1EnvVarSource
            {
                SecretKeyRef = new V1SecretKeySelector { Name = secret.Name, Key = secret.Key },
            },
        };

    private static V1EnvVar Field(string name, string path) =>
        new()
        {
            Name = name,
            ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = path } },
        };
}
