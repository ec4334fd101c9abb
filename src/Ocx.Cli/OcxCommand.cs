using System.CommandLine;
using Ocx.Cli.Auditing;
using Ocx.Cli.Check;
using Ocx.Cli.Clusters;
using Ocx.Cli.Completion;
using Ocx.Cli.Exits;
using Ocx.Cli.Observe;
using Ocx.Cli.Record;
using Ocx.Cli.Replay;
using Ocx.Cli.Status;
using Ocx.Cli.Terminals;
using Ocx.Cli.Top;
using Ocx.Text;

namespace Ocx.Cli;

/// <summary>The command <c>ocx</c>, from its arguments to its exit code.</summary>
internal static class OcxCommand
{
    // EPIPE, as the platform hands it on.
    private const int BrokenPipe = 32;

    private const int LongestWord = 64;

    /// <summary>Describes the command and all that are under it.</summary>
    public static RootCommand Create(Terminal terminal) =>
        new(
            "Shows the MCP traffic of a cluster or of this machine, without a proxy and without a change to "
                + "what is seen."
        )
        {
            AuditCommand.Create(terminal),
            CheckCommand.Create(terminal),
            ObserveCommand.Create(terminal),
            RecordCommand.Create(terminal),
            ReplayCommand.Create(terminal),
            StatusCommand.Create(terminal),
            TopCommand.Create(terminal),
            CompletionCommand.Create(terminal),
            KubectlCompletion.Create(terminal),
        };

    /// <summary>Runs the command. What goes wrong is one line on standard error.</summary>
    public static async Task<int> RunAsync(
        Terminal terminal,
        IReadOnlyList<string> arguments,
        CancellationToken cancellation = default
    )
    {
        RootCommand root = Create(terminal);
        // As kubectl does: alone it tells what there is.
        ParseResult parse = root.Parse(arguments is [] ? ["--help"] : arguments);
        if (UnknownCommand(root, parse) is { } unknown)
        {
            return Fail(terminal, ExitCodes.CannotStart, unknown);
        }

        if (parse.Errors is [var error, ..])
        {
            return Fail(terminal, ExitCodes.CannotStart, error.Message);
        }

        try
        {
            var invocation = new InvocationConfiguration
            {
                Output = terminal.Output,
                Error = terminal.Errors,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = TimeSpan.FromSeconds(5),
            };
            int code = await parse.InvokeAsync(invocation, cancellation).ConfigureAwait(false);
            await terminal.Output.FlushAsync(cancellation).ConfigureAwait(false);
            return code;
        }
        catch (CliException end)
        {
            return Fail(terminal, end.ExitCode, end.Message);
        }
        catch (Exception failure) when (ApiErrors.Explain(failure) is { } said)
        {
            return Fail(terminal, ExitCodes.Failed, said);
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Ok;
        }
        catch (IOException broken) when (broken.HResult == BrokenPipe)
        {
            // The reader has what it wanted: `ocx observe | head`.
            return ExitCodes.Ok;
        }
        catch (IOException broken)
        {
            return Fail(terminal, ExitCodes.Failed, broken.Message);
        }
    }

    private static string? UnknownCommand(RootCommand root, ParseResult parse) =>
        parse.CommandResult.Command == root
        && parse.UnmatchedTokens is [var word, ..]
        && !word.StartsWith('-')
        && !IsDirective(parse)
            ? $"unknown command '{WireText.Escape(word, LongestWord)}': there are "
                + string.Join(", ", root.Subcommands.Where(command => !command.Hidden).Select(command => command.Name))
                + "; see ocx --help"
            : null;

    // [suggest:7] "ocx ob" asks what an unfinished word may become.
    private static bool IsDirective(ParseResult parse) =>
        parse.Tokens.Any(token => token.Type == System.CommandLine.Parsing.TokenType.Directive);

    private static int Fail(Terminal terminal, int code, string message)
    {
        terminal.Say(message);
        return code;
    }
}
