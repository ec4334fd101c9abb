// What a rehearsal takes, from the call to the evidence, and what warm clones cost their sources. bench/rehearsal.sh
// starts the sources, and runs it.
//   Ocx.RehearsalBench FOLDER SERVER POSTGRES-PID REDIS-PID PART...    parts: calls source
using System.Globalization;
using Ocx.RehearsalBench;

var bench = new Bench(
    args[0],
    args[1],
    int.Parse(args[2], CultureInfo.InvariantCulture),
    int.Parse(args[3], CultureInfo.InvariantCulture)
);
foreach (string part in args[4..])
{
    switch (part)
    {
        case "calls":
            await CallsMeasurement.RunAsync(bench);
            break;
        case "source":
            await SourceMeasurement.RunAsync(bench);
            break;
        default:
            Console.Error.WriteLine($"{part}: want calls or source");
            return 2;
    }
}

return 0;
