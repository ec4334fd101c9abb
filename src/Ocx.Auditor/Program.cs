using System.CommandLine;
using Ocx.Auditor;
using Ocx.Auditor.Options;
using Ocx.Text;

const int CannotStart = 2;

var command = new AuditorCommand();
command.Root.SetAction(
    async (parse, cancellation) =>
    {
        try
        {
            return await AuditorHost.RunAsync(command.Read(parse), cancellation);
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
return await parse.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(10) });

static int Fail(string message)
{
    Console.Error.WriteLine($"ocx-auditor: {WireText.Escape(message)}");
    return CannotStart;
}
