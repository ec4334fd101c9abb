using System.Diagnostics;
using System.Globalization;
using Ocx.Auditor.Shadows;
using Ocx.State.Clones;
using Ocx.State.Postgres;
using Ocx.State.Redis;

namespace Ocx.RehearsalBench;

/// <summary>
/// The CPU time of a source's own processes for each transaction or command, without clones and with two that follow,
/// in turn. Clones share this machine's cores with their source: its throughput says less.
/// </summary>
internal static class SourceMeasurement
{
    private const int Rounds = 5;
    private const int Transactions = 16_000;
    private const int Commands = 400_000;

    public static async Task RunAsync(Bench bench)
    {
        using CloneFolder folder = await CloneFolder.OpenAsync(Path.Combine(bench.Folder, "clones"));
        PostgresSource orders = SourceUrl.ReadPostgres(Bench.Orders, bench.UrlOf(Bench.Orders));
        RedisSource carts = SourceUrl.ReadRedis(Bench.Carts, bench.UrlOf(Bench.Carts));
        await MeasureAsync(
            "PostgreSQL, a transaction of pgbench",
            () => new PostgresCloneMaker(orders, folder, new CloneLimits()),
            bench.Postgres,
            Transactions,
            "pgbench",
            $"--no-vacuum --client=4 --jobs=2 --transactions={Transactions / 4} --host={orders.Host} "
                + $"--port={orders.Port} --username=postgres orders"
        );
        await MeasureAsync(
            "Redis, a SET of redis-benchmark",
            () => new RedisCloneMaker(carts, folder, new CloneLimits()),
            bench.Redis,
            Commands,
            "redis-benchmark",
            $"-h {carts.Host} -p {carts.Port} -a {carts.Password} -t set -r 100000 -c 20 -n {Commands} -d 100 -q"
        );
    }

    private static async Task MeasureAsync(
        string name,
        Func<CloneMaker> clones,
        int source,
        int times,
        string program,
        string arguments
    )
    {
        var (without, with) = (new List<Run>(), new List<Run>());
        for (int round = 0; round < Rounds; round++)
        {
            without.Add(await RunAsync(source, program, arguments));
            await using CloneMaker maker = clones();
            await using var pool = new ClonePool(maker, new ClonePoolOptions { Warm = 2, Most = 2 });
            while (pool.Status.Warm < 2)
            {
                await Task.Delay(50);
            }

            with.Add(await RunAsync(source, program, arguments));
        }

        double before = Figures.Median(without.Select(run => run.Cpu.TotalMicroseconds / times));
        double after = Figures.Median(with.Select(run => run.Cpu.TotalMicroseconds / times));
        Figures.Tell($"{name}, CPU of the source, {Rounds} runs each in turn");
        Figures.Tell(
            $"  {before:n2} us without clones, {after:n2} us with two: {100 * ((after / before) - 1):+0.0;-0.0} %"
        );
        Figures.Tell($"  runs without: {Each(without, times)}; with: {Each(with, times)}");
        double[] speeds =
        [
            .. new[] { without, with }.Select(runs =>
                Figures.Median(runs.Select(run => times / run.Took.TotalSeconds))
            ),
        ];
        Figures.Tell($"  {speeds[0]:n0} a second without, {speeds[1]:n0} with");
    }

    private static async Task<Run> RunAsync(int source, string program, string arguments)
    {
        TimeSpan before = CpuOf(source);
        long began = Stopwatch.GetTimestamp();
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        TimeSpan took = Stopwatch.GetElapsedTime(began);
        _ = await output;
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program}: {await errors}");
        }

        // What is still to be sent to clones belongs to it.
        await Task.Delay(TimeSpan.FromSeconds(1));
        return new Run(CpuOf(source) - before, took);
    }

    // A process, its children, and those of them that have ended: proc(5), stat.
    private static TimeSpan CpuOf(int process)
    {
        long ticks = 0;
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int id))
            {
                continue;
            }

            try
            {
                string stat = File.ReadAllText(Path.Combine(folder, "stat"));
                string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                const int Parent = 1,
                    User = 11;
                if (id == process || fields[Parent] == process.ToString(CultureInfo.InvariantCulture))
                {
                    // utime and stime; of the first also cutime and cstime.
                    ticks += fields[User..(User + (id == process ? 4 : 2))]
                        .Sum(field => long.Parse(field, CultureInfo.InvariantCulture));
                }
            }
            catch (IOException)
            {
                // It has ended: the first process has its time.
            }
        }

        const int TicksPerSecond = 100; // sysconf(_SC_CLK_TCK)
        return TimeSpan.FromSeconds((double)ticks / TicksPerSecond);
    }

    private static string Each(IEnumerable<Run> runs, int times) =>
        string.Join(
            ' ',
            runs.Select(run => (run.Cpu.TotalMicroseconds / times).ToString("n1", CultureInfo.InvariantCulture))
        );

    private readonly record struct Run(TimeSpan Cpu, TimeSpan Took);
}
