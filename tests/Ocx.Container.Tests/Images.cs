using Ocx.Operator.Options;

namespace Ocx.Container.Tests;

/// <summary>
/// What <c>make images</c> builds: by the names that the operator and the chart use, or those of the Makefile's
/// REPOSITORY and VERSION.
/// </summary>
internal static class Images
{
    private const string AgentName = "ocx-node-agent";

    public static string Agent { get; } =
        (Environment.GetEnvironmentVariable("REPOSITORY"), Environment.GetEnvironmentVariable("VERSION"))
            is ({ Length: > 0 } repository, { Length: > 0 } version)
            ? $"{repository}/{AgentName}:{version}"
            : new OperatorOptions().AgentImage;

    public static string Operator { get; } = Agent.Replace(AgentName, "ocx-operator", StringComparison.Ordinal);

    public static string Auditor { get; } = Agent.Replace(AgentName, "ocx-auditor", StringComparison.Ordinal);

    public static string Gate { get; } = Agent.Replace(AgentName, "ocx-gate", StringComparison.Ordinal);

    public static string Samples { get; } = Agent.Replace(AgentName, "ocx-samples-mcp", StringComparison.Ordinal);
}
