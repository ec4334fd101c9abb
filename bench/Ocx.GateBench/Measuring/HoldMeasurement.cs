using System.Diagnostics;
using System.Globalization;
using Ocx.GateBench.Calls;
using Ocx.GateBench.Network;
using Ocx.GateBench.Reporting;
using Ocx.Netfilter;

namespace Ocx.GateBench.Measuring;

/// <summary>
/// Results of 1 MiB that are held for a second, until a person says that they may go; and how fast their connection is
/// then, beside one that was not held.
/// </summary>
internal sealed class HoldMeasurement(Bench bench, CancellationToken cancellation)
{
    private const int Holds = 5;
    private const double Back = 0.9;
    private static readonly TimeSpan s_hold = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_after = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    public void Run(GateReport report)
    {
        using NetworkNamespace server = NetworkNamespace.Open(bench.Judged.Namespace);
        for (int hold = 0; hold < Holds; hold++)
        {
            cancellation.ThrowIfCancellationRequested();
            report.Holds.Add(Measure(server));
        }

        JudgeHolds(report);
        JudgeEnds(report);
    }

    private HoldRow Measure(NetworkNamespace server)
    {
        using McpConnection held = bench.Judged.Connect(),
            free = bench.Judged.Connect();
        WarmUp(free);
        double unheld = BulkTransfer.Run(free, "list_big", s_after).GigabitsPerSecond;
        byte[] expected = free.Answer[..^McpText.IdDigits].ToArray();

        KernelCounters here = KernelCounters.Read(server),
            there = KernelCounters.Read(bench.Judged.Client);
        long sent = Stopwatch.GetTimestamp();
        held.Send("ask_big");
        string waiting = WaitForQuestion();
        Thread.Sleep(s_hold / 4);
        long early = KernelCounters.Read(server)["TxBytes"];
        Thread.Sleep(TimeSpan.FromTicks(Math.Max(0, (s_hold - Stopwatch.GetElapsedTime(sent)).Ticks)));
        KernelCounters late = KernelCounters.Read(server);
        // The word counts before whoever gave it is told so.
        long said = Stopwatch.GetTimestamp();
        Task approving = Task.Run(() => bench.Auditor.Approve(waiting), CancellationToken.None);
        held.Receive();
        TimeSpan after = Stopwatch.GetElapsedTime(said),
            all = Stopwatch.GetElapsedTime(sent);
        KernelCounters reached = KernelCounters.Read(bench.Judged.Client);
        if (!held.Answer[..^McpText.IdDigits].SequenceEqual(expected))
        {
            throw new InvalidOperationException("a released result differs");
        }
        BulkTransfer transfer = BulkTransfer.Run(held, "list_big", s_after);
        approving.GetAwaiter().GetResult();
        return new HoldRow(
            all.TotalMilliseconds,
            after.TotalMilliseconds,
            late["TxBytes"] - early,
            late["TcpRetransSegs"] - here["TcpRetransSegs"],
            late["TcpExtTCPSpuriousRtxHostQueues"] - here["TcpExtTCPSpuriousRtxHostQueues"],
            reached["TcpExtTCPDSACKOldSent"]
                + reached["TcpExtTCPDSACKOfoSent"]
                - there["TcpExtTCPDSACKOldSent"]
                - there["TcpExtTCPDSACKOfoSent"],
            transfer.GigabitsPerSecond,
            unheld,
            transfer.ReachedMs(Back * unheld)
        );
    }

    private static void WarmUp(McpConnection connection)
    {
        for (int call = 0; call < 20; call++)
        {
            connection.Call("list_big");
        }
    }

    private string WaitForQuestion()
    {
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < s_limit)
        {
            if (bench.Auditor.Waiting() is { } waiting)
            {
                return waiting;
            }
            Thread.Sleep(10);
        }
        throw new InvalidOperationException(
            $"the auditor asks nobody about a call: {bench.Auditor.Program.Said}\n{bench.Gate.Program.Said}"
        );
    }

    private static void JudgeHolds(GateReport report)
    {
        long wire = report.Holds.Max(hold => hold.WireBytes),
            duplicates = report.Holds.Max(hold => hold.Duplicates);
        report.Bars.Add(new Bar("on the wire while a hold lasts", "0 bytes", Text(wire), wire == 0));
        report.Bars.Add(new Bar("segments of a hold that came twice", "<= 1", Text(duplicates), duplicates <= 1));
        double share = report.Holds.Select(hold => hold.After / hold.Unheld).Median();
        int back = report.Holds.Count(hold => hold.BackAfterMs is not null);
        report.Bars.Add(
            new Bar(
                "throughput within a second after release",
                $">= {Text(Back)} of an unheld connection's",
                $"{back} of {report.Holds.Count} holds; the whole second {Text(share)}",
                back == report.Holds.Count
            )
        );
    }

    // From all verdicts that the gate has carried out so far, of whichever measurement.
    private void JudgeEnds(GateReport report)
    {
        IReadOnlyList<(double Bound, double Count)> ends = bench.Gate.AfterVerdict();
        double all = ends[^1].Count;
        double within = ends.FirstOrDefault(bucket => bucket.Count >= all * 0.99).Bound;
        report.Bars.Add(
            new Bar(
                "from a verdict to the end of its hold, p99",
                "<= 2 ms",
                string.Create(CultureInfo.InvariantCulture, $"<= {within * 1000:0.###} ms, of {all:#,0}"),
                all > 0 && within <= 0.002
            )
        );
    }

    private static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
