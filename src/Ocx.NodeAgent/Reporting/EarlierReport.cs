using Ocx.Api;

namespace Ocx.NodeAgent.Reporting;

/// <summary>The report as the API server has it.</summary>
/// <param name="Status">What an agent on this node last wrote.</param>
/// <param name="Interval">How often the operator wants it written; null when it has not said so.</param>
public sealed record EarlierReport(V1Alpha1McpTapReportStatus Status, TimeSpan? Interval);
