using System.CommandLine;
using System.Globalization;
using Ocx.Cli.Calls;
using Ocx.Cli.Clusters;
using Ocx.Cli.Exits;
using Ocx.Cli.Options;
using Ocx.Cli.Pcap;
using Ocx.Cli.Terminals;

namespace Ocx.Cli.Record;

/// <summary><c>ocx record</c>: the captured segments of one machine as a file.</summary>
internal static class RecordCommand
{
    private const long DefaultSize = 64 << 20;

    // An agent ends by itself at its --duration; one that does not is left behind a little later.
    private static readonly TimeSpan s_default = TimeSpan.FromSeconds(60),
        s_grace = TimeSpan.FromSeconds(5);

    /// <summary>Describes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        var write = new Option<string>("--write", "-w")
        {
            Description = "The file to write, pcapng",
            HelpName = "FILE",
            Required = true,
        };
        var force = CliOption.Switch("--force", "Write over a file that is there");
        var maxSize = CliOption.Of<long?>(
            "--max-size",
            "SIZE",
            text => OptionParsers.Size(text),
            "Stop at a file of this size (default: 64Mi)"
        );
        var duration = CliOption.Of<TimeSpan?>(
            "--duration",
            "DURATION",
            text => OptionParsers.Wait(text),
            "Stop after this time (default: 60s)"
        );
        var interfaces = CliOption.Text(
            "--interface",
            "NAMES",
            "Interfaces to tap (default: the agent's; on a node, the McpTap's)"
        );
        var port = CliOption.Text(
            "--port",
            "PORTS",
            "TCP ports to tap (default: the agent's; on a node, the McpTap's)"
        );
        var agentPath = CliOption.Text(
            "--agent-path",
            "FILE",
            "The agent to start (default: ocx-node-agent beside ocx, else on PATH)"
        );
        var node = CliOption.Text("--node", "NAME", "Record on this node of the cluster, by exec in its agent's pod");
        var tap = CliOption.Text("--tap", "NAME", "With --node: the McpTap whose agent is meant");
        var cluster = new ClusterOptions();
        var command = new Command(
            "record",
            """
            Record captured segments to a pcapng file, for `ocx replay`, tshark or Wireshark.
            Its payloads are NOT redacted.

            Examples:
              sudo ocx record -w traffic.pcapng --interface any --port 8080
              ocx record -w node-1.pcapng --node node-1 --duration 30s
            """
        )
        {
            write,
            force,
            maxSize,
            duration,
            interfaces,
            port,
            agentPath,
            node,
            tap,
        };
        cluster.AddTo(command);
        command.SetAction(
            async (parse, cancellation) =>
            {
                TimeSpan time = parse.GetValue(duration) ?? s_default;
                string[] arguments =
                [
                    "--events",
                    "json",
                    "--ring-size",
                    "4Mi",
                    "--duration",
                    string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalMilliseconds}ms"),
                    .. Given("--interface", parse.GetValue(interfaces)),
                    .. Given("--port", parse.GetValue(port)),
                ];
                string path = parse.GetRequiredValue(write);
                using Cluster? connected = parse.GetValue(node) is null ? null : cluster.Connect(parse);
                // The file first: an agent is not started for a file that cannot be written.
                using var file = new PcapNgWriter(Create(path, parse.GetValue(force)), "ocx record");
                using SegmentFeed feed = connected is null
                    ? SegmentFeed.OfMachine(parse.GetValue(agentPath), arguments)
                    : await SegmentFeed
                        .OfNodeAsync(
                            connected,
                            parse.GetValue(tap),
                            parse.GetValue(node)!,
                            arguments,
                            terminal,
                            cancellation
                        )
                        .ConfigureAwait(false);
                terminal.Say($"recording to {path}; payloads are not redacted, only you may read the file");
                return await RunAsync(terminal, feed, file, parse.GetValue(maxSize) ?? DefaultSize, time, cancellation)
                    .ConfigureAwait(false);
            }
        );
        return command;
    }

    private static async Task<int> RunAsync(
        Terminal terminal,
        SegmentFeed feed,
        PcapNgWriter file,
        long maxSize,
        TimeSpan time,
        CancellationToken cancellation
    )
    {
        var skipped = new SkippedLines(terminal);
        var recording = new Recording(file, maxSize, skipped);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stop.CancelAfter(time + s_grace);
        string? wrong = null;
        try
        {
            await recording.RunAsync(feed.Output, stop.Token).ConfigureAwait(false);
            wrong = recording.IsFull ? null : await feed.EndAsync().WaitAsync(stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // What was recorded until then is whole.
        }

        skipped.Finish();
        string why =
            recording.IsFull ? "the file is as large as --max-size allows"
            : cancellation.IsCancellationRequested ? "stopped"
            : "the time is over";
        terminal.Say(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{recording.Packets} packets, {file.Length} bytes: {wrong ?? why}"
            )
        );
        return wrong is null ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static string[] Given(string flag, string? value) => value is null ? [] : [flag, value];

    private static FileStream Create(string path, bool force)
    {
        try
        {
            if (force)
            {
                // A new file, and not the old one with its mode and its readers.
                File.Delete(path);
            }

            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                BufferSize = 64 << 10,
            };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            return new FileStream(path, options);
        }
        catch (IOException) when (!force && File.Exists(path))
        {
            throw CliException.CannotStart($"{path} is there already: name another file, or say --force");
        }
        catch (Exception wrong)
            when (wrong is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw CliException.CannotStart($"cannot write {path}: {wrong.Message}", wrong);
        }
    }
}
