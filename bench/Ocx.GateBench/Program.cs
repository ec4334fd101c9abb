// What the gate costs, beside no rule, a rule without a gate, and nginx in its place; see docs/performance.md.
//   Ocx.GateBench run [PART...]    parts: latency rate bulk hold memory; all when none is named
//   Ocx.GateBench serve NAMESPACE=ADDRESS:PORT...    the MCP server, which "run" starts
using System.Net;
using System.Runtime.InteropServices;
using Ocx.GateBench.Calls;
using Ocx.GateBench.Measuring;
using Ocx.GateBench.Reporting;
using Ocx.Netfilter;

const string Output = "artifacts/bench/gate.json";
string[] all = ["latency", "rate", "bulk", "hold", "memory"];
switch (args)
{
    case ["serve", .. var listeners]:
        Serve(listeners);
        return 0;
    case ["run", .. var parts] when parts.All(all.Contains):
        return Run(parts is [] ? all : parts);
    default:
        Console.Error.WriteLine($"usage: Ocx.GateBench run [{string.Join('|', all)}]...");
        return 2;
}

static void Serve(string[] listeners)
{
    foreach (string[] listener in listeners.Select(text => text.Split('=')))
    {
        var server = new McpServer(NetworkNamespace.Open(listener[0]), IPEndPoint.Parse(listener[1]));
        server.Start();
    }
    Console.WriteLine("serving");
    // Whoever started it says when it is over.
    _ = Console.In.Read();
}

static int Run(string[] parts)
{
    // However it ends, the programs that it started end, and its namespaces go.
    using var stop = new CancellationTokenSource();
    using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    try
    {
        var report = new GateReport { Machine = Machine.Description, LoadBefore = Machine.Load };
        using (var bench = new Bench())
        {
            foreach (string part in parts)
            {
                Console.Error.WriteLine($"measuring: {part}");
                switch (part)
                {
                    case "latency":
                        new LatencyMeasurement(bench, stop.Token).Run(report);
                        break;
                    case "rate":
                        new RateMeasurement(bench, stop.Token).Run(report);
                        break;
                    case "bulk":
                        new BulkMeasurement(bench, stop.Token).Run(report);
                        break;
                    case "hold":
                        new HoldMeasurement(bench, stop.Token).Run(report);
                        break;
                    case "memory":
                        MemoryMeasurement.Run(bench, report);
                        break;
                }
            }
        }
        report.LoadAfter = Machine.Load;
        Tables.Print(report);
        report.Write(Output);
        return 0;
    }
    catch (OperationCanceledException)
    {
        return 130;
    }
#pragma warning disable CA1031 // What nobody catches ends a program at once, and leaves the namespaces.
    catch (Exception failed)
#pragma warning restore CA1031
    {
        Console.Error.WriteLine(failed);
        return 1;
    }

    void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        stop.Cancel();
    }
}
