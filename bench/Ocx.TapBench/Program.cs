// Measures the tap beside its peers; bench/run.sh prepares the machine for it.
using System.Globalization;
using Ocx.TapBench.Calls;
using Ocx.TapBench.Connections;
using Ocx.TapBench.Footprint;
using Ocx.TapBench.Overhead;
using Ocx.TapBench.Reporting;
using Ocx.TapBench.Ring;
using Ocx.TapBench.Telemetry;

const string Output = "artifacts/bench/tap.json";
return args switch
{
    // One measurement, in a process that the comparison starts.
    ["ring", var source, var port, var payload, var interfaceName, var flags] => MeasureRing(
        source,
        port,
        payload,
        interfaceName,
        flags
    ),
    ["mcp", var tapped, var free, var milliseconds] => await McpCalls.CompareAsync(
        new Uri(tapped),
        new Uri(free),
        int.Parse(milliseconds, CultureInfo.InvariantCulture)
    ),
    ["run", var tapped, var free, .. var parts] => await RunAllAsync(
        new Traffic(tapped, free),
        parts is [] ? ["ring", "calls", "latency", "bulk", "footprint", "telemetry", "connections"] : parts
    ),
    _ => Usage(),
};

static int MeasureRing(string source, string port, string payload, string interfaceName, string flags)
{
    using var measurement = new RingMeasurement(
        source,
        ushort.Parse(port, CultureInfo.InvariantCulture),
        int.Parse(payload, CultureInfo.InvariantCulture),
        interfaceName,
        byte.Parse(flags, CultureInfo.InvariantCulture)
    );
    Console.WriteLine(source == "drain" ? measurement.Drain() : measurement.Run());
    return 0;
}

static async Task<int> RunAllAsync(Traffic traffic, string[] parts)
{
    var rows = new List<BenchRow>();
    foreach (string part in parts)
    {
        Console.Error.WriteLine($"measuring: {part}");
        rows.AddRange(
            part switch
            {
                "ring" => RingComparison.Run(),
                "calls" => CallPathMeasurement.Run(),
                "latency" => OverheadComparison.Latency(traffic),
                "bulk" => OverheadComparison.Bulk(traffic),
                "footprint" => FootprintMeasurement.Run(traffic),
                "telemetry" => await TelemetryMeasurement.RunAsync(traffic),
                "connections" => ConnectionsMeasurement.Run(),
                _ => throw new ArgumentException($"no such part: {part}"),
            }
        );
    }
    Console.WriteLine(Machine.Description);
    Console.WriteLine();
    Table.Print(rows);
    BenchJson.Write(Output, [.. rows, new BenchRow { Name = "machine", Note = Machine.Description }]);
    return 0;
}

static int Usage()
{
    Console.Error.WriteLine(
        "usage: Ocx.TapBench run ADDRESS ADDRESS [ring|calls|latency|bulk|footprint|telemetry|connections]... "
            + "(bench/run.sh calls it)"
    );
    return 2;
}
