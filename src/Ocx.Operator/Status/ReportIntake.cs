using Ocx.Api;
using Ocx.Text;

namespace Ocx.Operator.Status;

/// <summary>A report that is ignored.</summary>
/// <param name="Report">
/// The report as it came; nothing in it is fit to be shown but its node, if <paramref name="NamesItsNode"/>.
/// </param>
/// <param name="Problem">What cannot be right.</param>
/// <param name="NamesItsNode">
/// Whether its name is that of its tap's report on its node, so that it is the only one.
/// </param>
internal sealed record IgnoredReport(V1Alpha1McpTapReport Report, string Problem, bool NamesItsNode);

/// <summary>
/// Takes reports in. What cannot be right is ignored; of the rest times are made plausible, and texts are bounded and
/// escaped. What comes out can go into status, conditions, events and logs as it is.
/// </summary>
internal static class ReportIntake
{
    // What clocks of a cluster may differ by.
    private static readonly TimeSpan s_skew = TimeSpan.FromMinutes(5);

    /// <summary>Takes a report in.</summary>
    /// <param name="report">The report as it came; it stays as it is.</param>
    /// <param name="receivedAt">When it came in, in UTC.</param>
    /// <returns>The report to use, or the one to ignore.</returns>
    public static (V1Alpha1McpTapReport? Taken, IgnoredReport? Ignored) Take(
        V1Alpha1McpTapReport report,
        DateTime receivedAt
    )
    {
        if (ReportPlausibility.Problem(report) is { } problem)
        {
            return (null, new IgnoredReport(report, problem, ReportPlausibility.NamesItsNode(report)));
        }

        var status = Taken(report.Status, receivedAt);
        return (
            new V1Alpha1McpTapReport
            {
                Metadata = report.Metadata,
                Spec = report.Spec,
                Status = status,
            },
            null
        );
    }

    private static V1Alpha1McpTapReportStatus? Taken(V1Alpha1McpTapReportStatus? status, DateTime receivedAt)
    {
        if (status is null)
        {
            return null;
        }

        receivedAt = new DateTime(receivedAt.Ticks - (receivedAt.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);

        // A clock that is ahead is ahead for all of the report's times. One that is behind cannot be told from a report
        // that is old.
        var ahead = status.LastReportTime is { } last && last - receivedAt > s_skew ? last - receivedAt : TimeSpan.Zero;
        var reported = status.LastReportTime - ahead;
        var latest = reported ?? receivedAt;
        return status with
        {
            Message = status.Message is null
                ? null
                : WireText.Escape(status.Message, V1Alpha1McpTapReportStatus.LongestMessage),
            Packets = status.Packets ?? new(),
            Bytes = status.Bytes ?? new(),
            Calls = Taken(status.Calls),
            Findings =
            [
                .. (status.Findings ?? [])
                    .Where(finding => finding?.Kind is { } kind && FindingKind.All.Contains(kind))
                    .Take(Finding.MaxReported)
                    .Select(finding => Taken(finding, ahead, latest)),
            ],
            LastReportTime = reported,
            LastDropTime = status.LastDropTime is { } dropped ? Earlier(dropped, ahead, latest) : null,
        };
    }

    private static CallCounts? Taken(CallCounts? calls) =>
        calls is null
            ? null
            : calls with
            {
                BusiestTools = calls.BusiestTools is null
                    ? null
                    :
                    [
                        .. calls
                            .BusiestTools.Where(tool => tool?.Name is not null)
                            .Take(CallCounts.NamedTools)
                            .Select(tool => tool with { Name = WireText.Escape(tool.Name, CallCounts.LongestName) }),
                    ],
            };

    private static Finding Taken(Finding finding, TimeSpan ahead, DateTime latest) =>
        finding with
        {
            Server = WireText.Escape(finding.Server ?? string.Empty, Finding.LongestServer),
            Message = WireText.Escape(finding.Message ?? string.Empty, Finding.LongestMessage),
            LastSeen = Earlier(finding.LastSeen, ahead, latest),
        };

    // What a report tells of was over when it was written. A time of the year 1 has nothing before it.
    private static DateTime Earlier(DateTime time, TimeSpan by, DateTime latest)
    {
        var earlier = time.Ticks > by.Ticks ? time - by : time;
        return earlier <= latest ? earlier : latest;
    }
}
