using System.Globalization;
using Ocx.Api;
using Ocx.Cli.Clusters;
using Ocx.Cli.Terminals;
using Spectre.Console;

namespace Ocx.Cli.Status;

/// <summary>McpTaps and their nodes as tables.</summary>
internal static class TapTables
{
    /// <summary>A line for each tap.</summary>
    public static Table Taps(IEnumerable<V1Alpha1McpTap> taps, bool wide)
    {
        Table table = wide
            ? Tables.Create(
                "TAP",
                "INTERFACE",
                "PORTS",
                "RING",
                "READY",
                "TOTAL",
                "FILTERED",
                "CAPTURED",
                "DROPPED",
                "CALLS",
                "ERRORS",
                "STATUS",
                "MESSAGE"
            )
            : Tables.Create("TAP", "INTERFACE", "PORTS", "READY", "CAPTURED", "DROPPED", "CALLS", "ERRORS", "STATUS");
        foreach (V1Alpha1McpTap tap in taps)
        {
            V1Alpha1McpTapStatus status = tap.Status ?? new();
            TapHealth health = TapHealth.Of(tap);
            bool lags = status.ReadyNodes < status.DesiredNodes;
            Spectre.Console.Text[] first =
            [
                Tables.Cell(tap.Metadata.Name),
                Tables.Cell(OfSpec(tap, spec => spec.Interface)),
                Tables.Cell(OfSpec(tap, Ports)),
            ];
            Spectre.Console.Text nodes = Tables.Cell(
                string.Create(CultureInfo.InvariantCulture, $"{status.ReadyNodes}/{status.DesiredNodes}"),
                lags ? Color.Yellow : null
            );
            Spectre.Console.Text[] kept =
            [
                Tables.Count(status.Packets.Captured),
                Tables.Loss(status.Packets.Dropped),
                Tables.Count(status.Calls.Total),
                Tables.Count(status.Calls.Errors),
            ];
            Spectre.Console.Text state = Tables.Cell(
                health.Reason,
                health.State switch
                {
                    TapState.Good => Color.Green,
                    TapState.Impaired => Color.Yellow,
                    TapState.Bad => Color.Red,
                    _ => null,
                }
            );
            table.AddRow(
                wide
                    ?
                    [
                        .. first,
                        Tables.Cell(OfSpec(tap, spec => spec.RingSize)),
                        nodes,
                        Tables.Count(status.Packets.Total),
                        Tables.Count(status.Packets.Filtered),
                        .. kept,
                        state,
                        Tables.Cell(health.Message),
                    ]
                    : [.. first, nodes, .. kept, state]
            );
        }

        return table;
    }

    /// <summary>A line for each kind of what each tap saw and did not read; null when there is none.</summary>
    public static Table? Unread(IEnumerable<V1Alpha1McpTap> taps)
    {
        Table table = Tables.Create("TAP", "NOT READ", "COUNT");
        foreach (V1Alpha1McpTap tap in taps)
        {
            foreach ((string kind, long count) in tap.Status?.Calls?.Unread?.Kinds ?? [])
            {
                if (count > 0)
                {
                    table.AddRow(Tables.Cell(tap.Metadata.Name), Tables.Cell(kind), Tables.Count(count));
                }
            }
        }

        return table.Rows.Count > 0 ? table : null;
    }

    /// <summary>A line for each node of each tap.</summary>
    public static Table Nodes(IEnumerable<V1Alpha1McpTap> taps, bool wide, DateTime now)
    {
        Table table = wide
            ? Tables.Create(
                "TAP",
                "NODE",
                "PHASE",
                "TOTAL",
                "FILTERED",
                "CAPTURED",
                "DROPPED",
                "RING HIGHEST",
                "REPORTED",
                "MESSAGE"
            )
            : Tables.Create("TAP", "NODE", "PHASE", "CAPTURED", "DROPPED", "REPORTED");
        foreach (
            (V1Alpha1McpTap tap, V1Alpha1NodeStatus node) in taps.SelectMany(tap =>
                (tap.Status?.Nodes ?? []).Select(node => (tap, node))
            )
        )
        {
            Spectre.Console.Text[] first =
            [
                Tables.Cell(tap.Metadata.Name),
                Tables.Cell(node.Node),
                Tables.Cell(node.Phase, node.Phase == NodePhase.Running ? Color.Green : Color.Yellow),
            ];
            Spectre.Console.Text[] kept = [Tables.Count(node.Captured), Tables.Loss(node.Dropped)];
            Spectre.Console.Text reported = Tables.Cell(Ago(node.LastReportTime, now));
            table.AddRow(
                wide
                    ?
                    [
                        .. first,
                        Tables.Count(node.Total),
                        Tables.Count(node.Filtered),
                        .. kept,
                        Ring(node),
                        reported,
                        Tables.Cell(node.Message),
                    ]
                    : [.. first, .. kept, reported]
            );
        }

        return table;
    }

    // Half full once: a burst twice as large would have been lost.
    private static Spectre.Console.Text Ring(V1Alpha1NodeStatus node) =>
        Tables.Cell(
            node.RingHighestPercent is { } percent ? string.Create(CultureInfo.InvariantCulture, $"{percent} %") : null,
            node.RingHighestPercent >= 50 ? Color.Yellow : null
        );

    // A spec that cannot be read is an empty one, which says nothing.
    private static string? OfSpec(V1Alpha1McpTap tap, Func<V1Alpha1McpTapSpec, string> field) =>
        tap.Problem is null ? field(tap.Spec) : null;

    private static string Ports(V1Alpha1McpTapSpec spec) =>
        string.Join(',', new[] { spec.Port }.Concat(spec.AdditionalPorts ?? []));

    private static string? Ago(DateTime? time, DateTime now) =>
        (now - time?.ToUniversalTime()) switch
        {
            null => null,
            { TotalMinutes: < 2 } age => string.Create(
                CultureInfo.InvariantCulture,
                $"{Math.Max(0, (int)age.TotalSeconds)}s"
            ),
            { TotalHours: < 2 } age => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalMinutes}m"),
            { TotalDays: < 2 } age => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalHours}h"),
            { } age => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalDays}d"),
        };
}
