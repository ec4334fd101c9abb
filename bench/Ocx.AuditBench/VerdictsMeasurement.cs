using System.Diagnostics;

namespace Ocx.AuditBench;

/// <summary>
/// The auditor on one core, told of calls as fast as it acknowledges them, each with ten rules and signals, until its
/// ledger has OCX_BENCH_RECORDS (1,000,000) records; then the ledger is verified by <c>ocx audit verify</c>.
/// </summary>
internal static class VerdictsMeasurement
{
    private const int Port = 8080;

    // Less than the auditor takes at once, so that the stream never stands still for that.
    private const int Window = 1000;

    public static async Task RunAsync()
    {
        int records = int.Parse(
            Environment.GetEnvironmentVariable("OCX_BENCH_RECORDS") ?? "1000000",
            System.Globalization.CultureInfo.InvariantCulture
        );
        using var auditor = new Auditor(Port, core: 0);
        using AgentStream agent = await AgentStream.OpenAsync(auditor.Socket);
        var rates = new List<double>();
        using var room = new SemaphoreSlim(Window);
        Task telling = Task.Run(async () =>
        {
            for (int call = 0; call < records; call++)
            {
                await room.WaitAsync();
                await agent.TellAsync(Port);
            }
        });
        long began = Stopwatch.GetTimestamp();
        for (ulong through = 0, last = 0; through < (ulong)records; )
        {
            ulong now = await agent.NextAsync();
            room.Release((int)(now - through));
            through = now;
            if (Stopwatch.GetElapsedTime(began) is { TotalSeconds: >= 1 } second)
            {
                rates.Add((through - last) / second.TotalSeconds);
                (last, began) = (through, Stopwatch.GetTimestamp());
            }
        }

        await telling;
        Figures.Tell(
            $"verdicts on one core             {Figures.Median(rates), 9:N0} a second, slowest {rates.Min():N0}"
        );
        Figures.Tell($"auditor at {records:N0} records   {auditor.PeakMegabytes, 9:N0} MiB at most");
        Verify(auditor, records);
    }

    private static void Verify(Auditor auditor, int records)
    {
        string ocx = Path.GetFullPath("artifacts/ocx");
        long began = Stopwatch.GetTimestamp();
        using Process verify = Process.Start(
            new ProcessStartInfo(ocx, ["audit", "verify", "--auditor", $"unix:{auditor.Socket}"])
            {
                RedirectStandardOutput = true,
            }
        )!;
        string said = verify.StandardOutput.ReadToEnd();
        verify.WaitForExit();
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        if (verify.ExitCode != 0)
        {
            throw new InvalidOperationException($"the ledger is not whole: {said}");
        }

        Figures.Tell($"ocx audit verify                 {records / seconds, 9:N0} records a second");
        Figures.Tell($"auditor after it                 {auditor.PeakMegabytes, 9:N0} MiB at most");
    }
}
