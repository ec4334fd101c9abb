using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Ocx.Audit.Rehearsals;
using Ocx.Auditor.Jurors;
using Ocx.Auditor.Rehearsing;
using Ocx.Auditor.Shadows;

namespace Ocx.RehearsalBench;

/// <summary>
/// Calls of the sample server, each rehearsed by a shadow that waited ready: one after the other, as soon as the next
/// shadow is warm.
/// </summary>
internal static class CallsMeasurement
{
    private const int Calls = 30;

    public static async Task RunAsync(Bench bench)
    {
        await using ShadowHouse house = await ShadowHouse.OpenAsync(
            Path.Combine(bench.Folder, "shadows"),
            [bench.Secrets],
            new SecretFolder(bench.Secrets),
            LoggerFactory.Create(_ => { })
        );
        long began = Stopwatch.GetTimestamp();
        using IShadows shadows = house.Create(
            new RehearsalTerms
            {
                Audit = (string.Empty, "bench"),
                Command = [bench.Server, "server", "http://127.0.0.1:8080"],
                Environment = new Dictionary<string, string>(),
                Port = 8080,
                Path = "/",
                Warm = 1,
                Timeout = TimeSpan.FromSeconds(30),
                Memory = 512 << 20,
                State = [Bench.Orders, Bench.Carts],
            }
        );
        await WarmAsync(shadows);
        Figures.Tell(
            $"cold: copies of both sources, and the first shadow {Stopwatch.GetElapsedTime(began).TotalSeconds:n1} s"
        );
        await MeasureAsync(shadows, "2 rows and a key are deleted", """{"customer":"dee"}""", rows: 2, keys: 1);
        await MeasureAsync(shadows, "5,000 rows and 3 keys are deleted", """{"customer":"*"}""", rows: 5000, keys: 3);
    }

    private static async Task MeasureAsync(IShadows shadows, string name, string arguments, long rows, long keys)
    {
        var (answers, rest, whole, refills) = (Times(), Times(), Times(), Times());
        var call = new RehearsedCall("delete_orders", System.Text.Encoding.UTF8.GetBytes(arguments), string.Empty);
        for (int i = 0; i < Calls; i++)
        {
            long began = Stopwatch.GetTimestamp();
            RehearsalEvidence evidence = await shadows.RehearseAsync(call, CancellationToken.None);
            long ended = Stopwatch.GetTimestamp();
            Check(evidence, rows, keys);
            double took = Stopwatch.GetElapsedTime(began, ended).TotalMilliseconds;
            whole.Add(took);
            answers.Add(evidence.Took.TotalMilliseconds);
            rest.Add(took - evidence.Took.TotalMilliseconds);
            await WarmAsync(shadows);
            refills.Add(Stopwatch.GetElapsedTime(ended).TotalMilliseconds);
        }

        Console.WriteLine($"{name}, {Calls} calls, ms");
        Tell("from the call to the evidence", whole);
        Tell("  until the server's answer", answers);
        Tell("  its end, and the effects", rest);
        Tell("until the next shadow is warm", refills);
    }

    private static void Check(RehearsalEvidence evidence, long rows, long keys)
    {
        if (
            evidence.Effects.State is not { } state
            || state.Sum(one => one.RowsDeleted) != rows
            || state.Sum(one => one.KeysDeleted) != keys
        )
        {
            throw new InvalidOperationException(
                $"{evidence.Outcome} {evidence.Failure}: not {rows} rows and {keys} keys: {evidence.Result}"
            );
        }
    }

    private static async Task WarmAsync(IShadows shadows)
    {
        while (shadows.Sight.Warm == 0)
        {
            await Task.Delay(5);
        }
    }

    private static List<double> Times() => [];

    private static void Tell(string name, List<double> times) =>
        Figures.Tell($"  {name, -36} {Figures.Median(times), 7:n0} p50 {Figures.Percentile(times, 0.99), 7:n0} p99");
}
