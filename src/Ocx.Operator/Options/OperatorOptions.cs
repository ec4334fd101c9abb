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
            HttpPort = configuration.GetValue("OCX_HTTP_PORT", defaults.HttpPort),
            HttpAddress = configuration["OCX_HTTP_ADDRESS"] ?? defaults.HttpAddress,
        };
    }
}
