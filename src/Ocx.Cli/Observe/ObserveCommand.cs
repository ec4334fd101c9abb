using System.CommandLine;
using Ocx.Cli.Calls;
using Ocx.Cli.Exits;
using Ocx.Cli.Options;
using Ocx.Cli.Terminals;
using Ocx.Mcp.Records;

namespace Ocx.Cli.Observe;

/// <summary><c>ocx observe</c>: the MCP calls of all nodes.</summary>
internal static class ObserveCommand
{
    /// <summary>Describes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        var source = new CallSource();
        var follow = CliOption.Switch("--follow", "Go on with the calls that come", "-f");
        Option<OutputFormat> output = CliOption.Output();
        var command = new Command(
            "observe",
            """
            Show the MCP calls of all nodes, from the logs of the agents' pods.

            Examples:
              ocx observe -f
              ocx observe --since 5m --status tool_error,rpc_error --namespace shop
              ocx observe -f --tool 'search*' --min-duration 500ms -o json
              sudo ocx-node-agent --events calls --interface any | ocx observe --input -
            """
        )
        {
            follow,
            output,
        };
        source.AddTo(command);
        command.SetAction(
            async (parse, cancellation) =>
            {
                bool following = parse.GetValue(follow),
                    live = following || source.IsStandardInput(parse);
                var printer = new CallPrinter(terminal, parse.GetValue(output));
                await foreach (
                    RecordedCall call in source
                        .ReadAsync(parse, terminal, following, cancellation)
                        .ConfigureAwait(false)
                )
                {
                    printer.Print(call);
                    if (live)
                    {
                        await terminal.Output.FlushAsync(cancellation).ConfigureAwait(false);
                    }
                }

                printer.PrintHeader();
                return ExitCodes.Ok;
            }
        );
        return command;
    }
}
