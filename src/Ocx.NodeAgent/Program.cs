using System.CommandLine;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Ocx.Api;
using Ocx.NodeAgent;
using Ocx.NodeAgent.Auditing;
using Ocx.NodeAgent.Options;
using Ocx.NodeProgram;
using Ocx.Text;

const int CannotStart = 2;

var command = new AgentCommand(Environment.GetEnvironmentVariable);
command.Root.SetAction(
    async (result, cancellation) =>
    {
        // SIGTERM and SIGINT are taken once the action has first returned to its caller: before it begins to work, so
        // that none ends a working agent at once.
        await Task.Yield();
        try
        {
            AgentOptions options = command.Read(result);
            HeapLimit.Set(AgentFootprint.Heap(options.McpMemory + (options.Auditor is null ? 0 : AuditQueue.MaxBytes)));
            using ILoggerFactory loggers = Logging.Create(options.LogLevel, options.LogFormat);
            using Stream output = OpenStandardOutput();
            return await new Agent(options, loggers, output).RunAsync(cancellation).ConfigureAwait(false);
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

// The console's own stream swallows EPIPE: the agent would never learn that its reader has gone.
static FileStream OpenStandardOutput()
{
    const int Descriptor = 1;
    return new FileStream(new SafeFileHandle(Descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
}

static int Fail(string message)
{
    Console.Error.WriteLine($"ocx-node-agent: {WireText.Escape(message)}");
    return CannotStart;
}
