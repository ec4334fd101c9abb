using System.Text.Json;
using k8s;

namespace Ocx.Operator.Options;

/// <summary>The operator's configuration, from its environment.</summary>
public sealed record OperatorOptions
{
    /// <summary>The namespace of the operator, its agents and their reports (<c>OCX_NAMESPACE</c>).</summary>
    public string Namespace { get; init; } = "ocx-system";

    /// <summary>The agents' image where an McpTap names none (<c>OCX_AGENT_IMAGE</c>).</summary>
    public string AgentImage { get; init; } = "ghcr.io/ocx-dev/ocx-node-agent:0.1.0";

    /// <summary>
    /// The account of all agents (<c>OCX_AGENT_SERVICE_ACCOUNT</c>). The chart owns it, and what it may do.
    /// </summary>
    public string AgentServiceAccount { get; init; } = "ocx-tap-agent";

    /// <summary>Whether agents name pods in calls (<c>OCX_AGENT_PODS</c>); the chart gives them the right to.</summary>
    public bool AgentPods { get; init; } = true;

    /// <summary>Whether McpAudits are acted upon (<c>OCX_AUDIT</c>); the chart installs the auditor then.</summary>
    public bool Audit { get; init; }

    /// <summary>
    /// The Secret with the auditor's certificate, where somebody else makes it (<c>OCX_AUDITOR_TLS_SECRET</c>); null
    /// where the operator does.
    /// </summary>
    public string? AuditorTlsSecret { get; init; }

    /// <summary>
    /// How gates are rolled out (<c>OCX_GATE</c>, JSON); null where there are none. The chart gives the rights to it
    /// then.
    /// </summary>
    public GateSettings? Gate { get; init; }

    /// <summary>The port of <c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c> (<c>OCX_HTTP_PORT</c>).</summary>
    public int HttpPort { get; init; } = 8081;

    /// <summary>The address of the same (<c>OCX_HTTP_ADDRESS</c>).</summary>
    public string HttpAddress { get; init; } = "*";

    /// <summary>Reads the configuration.</summary>
    /// <param name="configuration">The environment.</param>
    /// <returns>The options.</returns>
    public static OperatorOptions From(IConfiguration configuration)
    {
        var defaults = new OperatorOptions();
        return new OperatorOptions
        {
            Namespace = configuration["OCX_NAMESPACE"] ?? defaults.Namespace,
            AgentImage = configuration["OCX_AGENT_IMAGE"] ?? defaults.AgentImage,
            AgentServiceAccount = configuration["OCX_AGENT_SERVICE_ACCOUNT"] ?? defaults.AgentServiceAccount,
            AgentPods = configuration.GetValue("OCX_AGENT_PODS", defaults.AgentPods),
            Audit = configuration.GetValue("OCX_AUDIT", defaults.Audit),
            AuditorTlsSecret = configuration["OCX_AUDITOR_TLS_SECRET"] is { Length: > 0 } secret ? secret : null,
            Gate = configuration["OCX_GATE"] is { Length: > 0 } gate ? ReadGate(gate) : null,
            HttpPort = configuration.GetValue("OCX_HTTP_PORT", defaults.HttpPort),
            HttpAddress = configuration["OCX_HTTP_ADDRESS"] ?? defaults.HttpAddress,
        };
    }

    private static GateSettings ReadGate(string json)
    {
        try
        {
            return KubernetesJson.Deserialize<GateSettings>(json);
        }
        catch (JsonException exception)
        {
            throw new InvalidOperationException($"OCX_GATE cannot be read: {exception.Message}", exception);
        }
    }
}
