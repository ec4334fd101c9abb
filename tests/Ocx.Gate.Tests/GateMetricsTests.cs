using System.Text.RegularExpressions;
using Ocx.Audit.Wire;
using Ocx.Gate.Counts;
using Ocx.NodeProgram;

namespace Ocx.Gate.Tests;

public partial class GateMetricsTests
{
    [Fact]
    public void Metrics_are_in_the_format_that_Prometheus_reads_and_hold_every_count()
    {
        var totals = new GateTotals();
        WorkerCounts worker = totals.Add();
        worker.Packet(PacketFate.Rewritten);
        worker.HoldBegan("a");
        worker.Failed("a", GateFailure.JoinedMidway, passed: true);
        worker.CallEnded(
            "a",
            new()
            {
                Held = GateHeld.Result,
                End = GateEnd.Refused,
                HeldNs = 150_000_000,
                AfterVerdictNs = 300_000,
            },
            expired: true
        );
        var text = new MetricsText(openMetrics: false);
        worker.Faulted(new InvalidOperationException());
        new GateMetrics(totals, () => true, () => 3, () => 4, () => 5).Render(text);
        string metrics = text.ToString();

        Assert.All(
            [
                "ocx_gate_auditor_up 1",
                "ocx_gate_holding 1",
                "ocx_gate_asked 3",
                "ocx_gate_calls_total{held=\"result\",end=\"refused\"} 1",
                "ocx_gate_calls_total{held=\"call\",end=\"released\"} 0",
                "ocx_gate_expired_calls_total 1",
                "ocx_gate_hold_seconds_bucket{le=\"0.1\"} 0",
                "ocx_gate_hold_seconds_bucket{le=\"0.2\"} 1",
                "ocx_gate_hold_seconds_count 1",
                "ocx_gate_after_verdict_seconds_bucket{le=\"0.0002\"} 0",
                "ocx_gate_after_verdict_seconds_bucket{le=\"0.0005\"} 1",
                "ocx_gate_failures_total{reason=\"joined_midway\",outcome=\"opened\"} 1",
                "ocx_gate_failures_total{reason=\"unfinished\",outcome=\"closed\"} 0",
                "ocx_gate_failures_total{reason=\"no_auditor\",outcome=\"closed\"} 0",
                "ocx_gate_packets_total{fate=\"rewritten\"} 1",
                "ocx_gate_faults_total 1",
                "ocx_gate_lost_packets_total 4",
                "ocx_gate_unsent_packets_total 5",
            ],
            line => Assert.Contains($"\n{line}\n", metrics, StringComparison.Ordinal)
        );
        Assert.All(metrics.TrimEnd('\n').Split('\n'), line => Assert.Matches(Line(), line));
        Assert.Equal(
            7,
            Regex.Matches(metrics, "reason=\"([a-z_]+)\"").Select(m => m.Groups[1].Value).Distinct().Count()
        );
    }

    [GeneratedRegex(@"^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+=""[^""]*""(,[a-z]+=""[^""]*"")*\})? [0-9.E+-]+)$")]
    private static partial Regex Line();
}
