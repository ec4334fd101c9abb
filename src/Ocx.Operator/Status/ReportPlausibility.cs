using System.Text.RegularExpressions;
using Ocx.Api;

namespace Ocx.Operator.Status;

/// <summary>
/// Whether what a report says can be right. An agent, or whoever has its token, may have written anything that the
/// definition allows, and an earlier definition allowed more.
/// </summary>
internal static partial class ReportPlausibility
{
    /// <summary>What cannot be right.</summary>
    /// <param name="report">The report as it came.</param>
    /// <returns>
    /// Null when nothing is wrong; else a text that quotes nothing from the report, to follow its name.
    /// </returns>
    public static string? Problem(V1Alpha1McpTapReport report)
    {
        if (report.Spec is not { Tap: not null, Node: { } node })
        {
            return "it names no tap or no node";
        }

        if (!IsNodeName(node))
        {
            return "spec.node is no name of a node";
        }

        if (!NamesItsNode(report))
        {
            return "its name is not <tap>.<node>";
        }

        if (report.Status is not { } status)
        {
            return null;
        }

        return status.Phase is not (NodePhase.Starting or NodePhase.Running or NodePhase.Failed or NodePhase.Stopped)
            ? "status.phase is none that an agent has"
            : CountPlausibility.Problem(status);
    }

    /// <summary>
    /// Whether a report has the name that its tap's report on its node has, so that there is no other one.
    /// </summary>
    public static bool NamesItsNode(V1Alpha1McpTapReport report) =>
        report.Spec is { Tap: { } tap, Node: { } node }
        && IsNodeName(node)
        && report.Metadata.Name == V1Alpha1McpTapReport.NameOf(tap, node);

    private static bool IsNodeName(string node) => node.Length <= OcxApi.MaximumNodeName && NodeName().IsMatch(node);

    // '$' would let a line feed follow.
    [GeneratedRegex(@"\A(?:" + OcxApi.NodeNamePattern + @")\z", RegexOptions.NonBacktracking)]
    private static partial Regex NodeName();
}
