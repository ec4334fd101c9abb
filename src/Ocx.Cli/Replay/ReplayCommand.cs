using System.CommandLine;
using System.Globalization;
using Ocx.Cli.Calls;
using Ocx.Cli.Exits;
using Ocx.Cli.Options;
using Ocx.Cli.Pcap;
using Ocx.Cli.Terminals;
using Ocx.Cli.Trials;
using Ocx.Mcp;
using Ocx.Mcp.Records;

namespace Ocx.Cli.Replay;

/// <summary><c>ocx replay</c>: the MCP calls in a capture file.</summary>
internal static class ReplayCommand
{
    /// <summary>Describes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        var file = new Argument<string>("FILE")
        {
            Description = "A pcap or pcapng file, also .gz or .zst, or - for standard input",
        };
        var port = CliOption.Of<IReadOnlyList<ushort>?>(
            "--port",
            "PORTS",
            OptionParsers.Ports,
            "Only connections with one of these TCP ports, a comma list (default: all)"
        );
        var audits = CliOption.Text(
            "--audit",
            "AUDITS",
            "Judge the calls by the McpAudits of this file, and show the verdict of each"
        );
        var output = CliOption.Output();
        var command = new Command(
            "replay",
            """
            Show the MCP calls in a capture file. Needs no root and no cluster.

            Examples:
              ocx replay traffic.pcapng
              tcpdump -i any -w - tcp port 8080 | ocx replay - -o json
              ocx replay traffic.pcapng --audit orders.yaml
            """
        )
        {
            file,
            port,
            audits,
            output,
        };
        command.SetAction(parse =>
            Run(
                terminal,
                parse.GetRequiredValue(file),
                parse.GetValue(port) ?? [],
                parse.GetValue(audits) is { } from ? AuditTrial.Load(terminal, from) : null,
                parse.GetValue(output)
            )
        );
        return command;
    }

    private static int Run(
        Terminal terminal,
        string path,
        IReadOnlyList<ushort> ports,
        AuditTrial? trial,
        OutputFormat format
    )
    {
        using AuditTrial? judging = trial;
        var verdicts = new ReplayVerdicts(judging);
        var printer = new CallPrinter(terminal, format, verdicts.Columns);
        bool live = path == "-";
        var skipped = new SkippedLines(terminal);
        var replay = new CaptureReplay(
            ports,
            Tell,
            skipped,
            judging?.Options,
            judging is null ? null : verdicts.OnOpened
        );
        string? damage = replay.Read(terminal, path);
        skipped.Finish();
        printer.PrintHeader();
        terminal.Output.Flush();
        terminal.Say(Summary(replay));
        return damage is null ? ExitCodes.Ok : throw CliException.Failed($"{path}: {damage}");

        void Tell(RecordedCall call)
        {
            if (judging is not null && format == OutputFormat.Json)
            {
                JsonLines.Write(terminal, to => verdicts.Write(to, call));
            }
            else
            {
                printer.Print(call);
            }

            verdicts.Forget(call);
            if (live)
            {
                terminal.Output.Flush();
            }
        }
    }

    private static string Summary(CaptureReplay replay)
    {
        McpStats stats = replay.Stats;
        (long Count, string What)[] counts =
        [
            (replay.Packets, "packets"),
            (stats.Segments, "segments"),
            (stats.Calls, "calls"),
            (stats.Gaps, "gaps"),
        ];
        (long Count, string What)[] unread =
        [
            (replay[PacketKind.Other], "not TCP over IP"),
            (replay[PacketKind.Fragment], "fragments"),
            (replay[PacketKind.Malformed], "malformed"),
            (replay[PacketKind.UnknownLink], "of an unknown link type"),
            (stats.Tls, "TLS connections"),
            (stats.Http2, "HTTP/2 connections"),
            (stats.Upgraded, "upgraded connections"),
            (stats.UnknownStreams, "streams of another protocol"),
            (stats.MalformedJson + stats.TooDeepJson, "texts that are no JSON"),
            (stats.Undecodable, "bodies not decoded"),
            (stats.DecodeLimited, "bodies given up, as decoding them made too much work"),
            (stats.Shed, "shed for lack of memory"),
        ];
        string said = string.Join(", ", counts.Select(Tell));
        string notRead = string.Join(", ", unread.Where(count => count.Count > 0).Select(Tell));
        return notRead.Length == 0 ? said : $"{said}; not read: {notRead}";

        static string Tell((long Count, string What) count) =>
            count.Count.ToString(CultureInfo.InvariantCulture) + " " + count.What;
    }
}
