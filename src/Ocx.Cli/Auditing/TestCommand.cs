using System.CommandLine;
using Ocx.Audit.Ledger;
using Ocx.Cli.Calls;
using Ocx.Cli.Exits;
using Ocx.Cli.Options;
using Ocx.Cli.Replay;
using Ocx.Cli.Terminals;
using Ocx.Cli.Trials;
using Ocx.Mcp.Records;

namespace Ocx.Cli.Auditing;

/// <summary><c>ocx audit test</c>: what audits would have decided on the calls of a capture.</summary>
internal static class TestCommand
{
    /// <summary>Describes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        var audits = new Argument<string>("AUDITS") { Description = "The file with the McpAudits" };
        var capture = new Argument<string>("CAPTURE")
        {
            Description = "A pcap or pcapng file, also .gz or .zst, or - for standard input",
        };
        var output = CliOption.Output();
        var command = new Command(
            "test",
            """
            Show what audits would have decided on the calls of a capture, before they are applied. Rules and signals
            judge; webhooks, models and people are not asked, and abstain.

            Example:
              ocx audit test orders.yaml traffic.pcapng
            """
        )
        {
            audits,
            capture,
            output,
        };
        command.SetAction(parse =>
            Run(
                terminal,
                AuditTrial.Load(terminal, parse.GetRequiredValue(audits)),
                parse.GetRequiredValue(capture),
                parse.GetValue(output)
            )
        );
        return command;
    }

    private static int Run(Terminal terminal, AuditTrial trial, string capture, OutputFormat format)
    {
        using AuditTrial judging = trial;
        var printer = new VerdictPrinter(terminal, format);
        var position = LedgerPosition.Start;
        var replay = new CaptureReplay([], static _ => { }, new SkippedLines(terminal), judging.Options, Judge);
        string? damage = replay.Read(terminal, capture);
        printer.PrintHeader();
        return damage is null ? ExitCodes.Ok : throw CliException.Failed($"{capture}: {damage}");

        void Judge(CallRecord call)
        {
            if (judging.Judge(call) is { } entry)
            {
                LedgerLine line = LedgerRecordWriter.Write("test", position, entry);
                position = line.Position;
                printer.Print(line.Bytes.Span);
            }
        }
    }
}
