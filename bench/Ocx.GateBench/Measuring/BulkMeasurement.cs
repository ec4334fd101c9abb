using System.Globalization;
using Ocx.GateBench.Calls;
using Ocx.GateBench.Reporting;

namespace Ocx.GateBench.Measuring;

/// <summary>Results of 1 MiB, one after the other on one connection.</summary>
internal sealed class BulkMeasurement(Bench bench, CancellationToken cancellation)
{
    private const int Rounds = 9;
    private static readonly TimeSpan s_block = TimeSpan.FromSeconds(1);

    public void Run(GateReport report)
    {
        (Route Route, string Tool, List<double> Rates)[] cases =
        [
            (bench.NoRule, "list_big", []),
            (bench.Bypass, "list_big", []),
            (bench.Idle, "list_big", []),
            (bench.Judged, "list_big", []),
            (bench.Judged, "get_big", []),
            (bench.Proxied, "list_big", []),
        ];
        var order = new Random(1);
        for (int round = 0; round < Rounds; round++)
        {
            var turn = cases.ToArray();
            order.Shuffle(turn);
            foreach ((Route route, string tool, List<double> rates) in turn)
            {
                cancellation.ThrowIfCancellationRequested();
                using McpConnection connection = route.Connect();
                // The congestion window grows meanwhile.
                for (int call = 0; call < 20; call++)
                {
                    connection.Call(tool);
                }
                rates.Add(BulkTransfer.Run(connection, tool, s_block).GigabitsPerSecond);
            }
        }

        report.Bulk.AddRange(
            cases.Select(one => new BulkRow(
                one.Route.Name,
                one.Tool,
                one.Rates.Median(),
                one.Rates.Zip(cases[0].Rates, (here, there) => here / there).Median()
            ))
        );
        double idle = cases[2].Rates.Median();
        report.Bars.Add(
            new Bar(
                "results with nothing audited",
                ">= 5 Gbit/s",
                idle.ToString("0.00", CultureInfo.InvariantCulture),
                idle >= 5
            )
        );
    }
}
