using Ocx.Operator;

namespace Ocx.Container.Tests;

/// <summary>What <c>make images</c> builds, by the names that the operator and the chart use.</summary>
internal static class Images
{
    public static string Agent { get; } = new OperatorOptions().AgentImage;

    public static string Operator { get; } = Agent.Replace("ocx-node-agent", "ocx-operator", StringComparison.Ordinal);

    public static string Samples { get; } = Agent.Replace("ocx-node-agent", "ocx-samples-mcp", StringComparison.Ordinal);
}
