using System.CommandLine;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Auditor.Audits;
using Ocx.Cli.Calls;
using Ocx.Cli.Exits;
using Ocx.Cli.Options;
using Ocx.Cli.Replay;
using Ocx.Cli.Terminals;
using Ocx.Mcp.Pairing;
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
                Build(terminal, parse.GetRequiredValue(audits)),
                parse.GetRequiredValue(capture),
                parse.GetValue(output)
            )
        );
        return command;
    }

    private static int Run(Terminal terminal, IReadOnlyList<ActiveAudit> audits, string capture, OutputFormat format)
    {
        var printer = new VerdictPrinter(terminal, format);
        var position = LedgerPosition.Start;
        var options = new McpOptions
        {
            CallKeys = new CallKeys(),
            AuditedMethods = [.. audits.SelectMany(audit => audit.Scope.Methods).Distinct()],
        };
        var replay = new CaptureReplay([], static _ => { }, new SkippedLines(terminal), options, Judge);
        string? damage = replay.Read(terminal, capture);
        printer.PrintHeader();
        return damage is null ? ExitCodes.Ok : throw CliException.Failed($"{capture}: {damage}");

        void Judge(CallRecord call)
        {
            Intent intent = RecordedIntent.Of(call);
            if (audits.FirstOrDefault(audit => audit.Scope.Includes(intent)) is not { } audit)
            {
                return;
            }

            LedgerEntry entry = audit.JudgeAsync(intent, () => intent.Time).GetAwaiter().GetResult();
            LedgerLine line = LedgerRecordWriter.Write("test", position, entry);
            position = line.Position;
            printer.Print(line.Bytes.Span);
        }
    }

    private static IReadOnlyList<ActiveAudit> Build(Terminal terminal, string file)
    {
        try
        {
            return AuditFile.Load(
                file,
                juror => new NotAsked(juror.Name),
                warning => terminal.Say($"warning: {warning}")
            );
        }
        catch (FormatException wrong)
        {
            throw CliException.CannotStart(wrong.Message, wrong);
        }
    }

    private sealed class NotAsked(string name) : IJuror
    {
        public string Name => name;

        public ValueTask<Vote> JudgeAsync(Intent intent, CancellationToken cancellation) =>
            ValueTask.FromResult(new Vote(Ballot.Abstain, "not asked in a test"));
    }
}
