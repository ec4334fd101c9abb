using System.CommandLine;
using Microsoft.Extensions.Logging;
using Ocx.Gate;
using Ocx.Gate.Holding;
using Ocx.Gate.Options;
using Ocx.Mcp.Pairing;
using Ocx.NodeProgram;
using Ocx.Text;

const int CannotStart = 2;

// What is held, what is asked, and the rest; in bytes.
const long MostHeap = 128 << 20;

var command = new GateCommand(Environment.GetEnvironmentVariable);
command.Root.SetAction(
    async (result, cancellation) =>
    {
        // SIGTERM and SIGINT are taken once the action has first returned to its caller: before it begins to work, so
        // that none ends a working gate at once.
        await Task.Yield();
        try
        {
            GateOptions options = command.Read(result);
            HeapLimit.Set(MostHeap);
            using ILoggerFactory loggers = Logging.Create(options.LogLevel, options.LogFormat);
            if (options.Removes)
            {
                return await new RulesRemover(options, loggers.CreateLogger<RulesRemover>())
                    .RunAsync(cancellation)
                    .ConfigureAwait(false);
            }

            return await new GateHost(options, loggers, Gatekeepers).RunAsync(cancellation).ConfigureAwait(false);
        }
        catch (StartupException cannot)
        {
            return Fail(cannot.Message);
        }
    }
);

ParseResult parse = command.Root.Parse(args);
if (parse.Errors is [var error, ..])
{
    return Fail(error.Message);
}

// SIGTERM and SIGINT cancel the action; it then has this long to end by itself.
return await parse
    .InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(5) })
    .ConfigureAwait(false);

static MakeConsumer Gatekeepers(CallKeys keys) =>
    (exits, inbox, counts) => new Gatekeeper(new KeeperBounds { Keys = keys }, inbox, exits, counts);

static int Fail(string message)
{
    Console.Error.WriteLine($"ocx-gate: {WireText.Escape(message)}");
    return CannotStart;
}
