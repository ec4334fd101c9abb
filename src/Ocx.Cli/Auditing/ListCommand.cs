using System.CommandLine;
using System.Globalization;
using Ocx.Audit.Ledger;
using Ocx.Cli.Exits;
using Ocx.Cli.Options;
using Ocx.Cli.Terminals;

namespace Ocx.Cli.Auditing;

/// <summary><c>ocx audit list</c>: the newest verdicts.</summary>
internal static class ListCommand
{
    private const int Most = 100_000,
        Default = 50;

    /// <summary>Describes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        var auditor = AuditorSocket.Option();
        var last = CliOption.Of<int?>(
            "--last",
            "N",
            text => OptionParsers.Count(text, Most),
            $"How many verdicts (default: {Default})",
            "-n"
        );
        var output = CliOption.Output();
        var command = new Command("list", "Show the newest verdicts, the oldest of them first")
        {
            auditor,
            last,
            output,
        };
        command.SetAction(
            (parse, cancellation) =>
                RunAsync(
                    terminal,
                    parse.GetValue(auditor),
                    parse.GetValue(last) ?? Default,
                    parse.GetValue(output),
                    cancellation
                )
        );
        return command;
    }

    private static async Task<int> RunAsync(
        Terminal terminal,
        string? auditor,
        int last,
        OutputFormat format,
        CancellationToken cancellation
    )
    {
        var printer = new VerdictPrinter(terminal, format);
        using AuditorSocket socket = AuditorSocket.Of(auditor);
        var newest = new List<byte[]>();
        if (last > 0)
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"v1/records?last={last}");
            using Stream lines = await socket.GetAsync(path, cancellation).ConfigureAwait(false) ?? Stream.Null;
            var reader = new LedgerLineReader(lines);
            while (reader.TryRead(out ReadOnlySpan<byte> line))
            {
                newest.Add(line.ToArray());
            }
        }

        printer.PrintHeader();
        for (int i = newest.Count - 1; i >= 0; i--)
        {
            printer.Print(newest[i]);
        }

        return ExitCodes.Ok;
    }
}
