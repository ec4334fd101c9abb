using System.Diagnostics;
using System.Text;
using k8s;
using k8s.Models;
using Ocx.Cli.Calls;
using Ocx.Cli.Clusters;
using Ocx.Cli.Exits;
using Ocx.Cli.Terminals;
using Ocx.Text;

namespace Ocx.Cli.Record;

/// <summary>An agent that runs for one recording, and its output.</summary>
/// <param name="output">Its standard output.</param>
/// <param name="end">Waits for its end; what is wrong with it, or null.</param>
/// <param name="stop">Stops it.</param>
internal sealed class SegmentFeed(Stream output, Func<Task<string?>> end, Action stop) : IDisposable
{
    private const int LongestStatus = 64 << 10;

    /// <summary>Its standard output.</summary>
    public Stream Output { get; } = output;

    /// <summary>Waits for its end; what is wrong with it, or null.</summary>
    public Task<string?> EndAsync() => end();

    /// <inheritdoc/>
    public void Dispose() => stop();

    /// <summary>Starts an agent on this machine.</summary>
    /// <exception cref="CliException">It cannot be started.</exception>
    public static SegmentFeed OfMachine(string? path, IEnumerable<string> arguments)
    {
        string program =
            path
            ?? (
                Path.Combine(AppContext.BaseDirectory, "ocx-node-agent") is var beside && File.Exists(beside)
                    ? beside
                    : "ocx-node-agent"
            );
        try
        {
            Process agent = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
            return new SegmentFeed(
                agent.StandardOutput.BaseStream,
                async () =>
                {
                    await agent.WaitForExitAsync().ConfigureAwait(false);
                    return agent.ExitCode == 0 ? null : $"the agent ended with {agent.ExitCode}";
                },
                () =>
                {
                    // It holds nothing that outlives it: the kernel takes the filter away with its socket.
                    agent.Kill();
                    agent.Dispose();
                }
            );
        }
        catch (Exception wrong) when (wrong is System.ComponentModel.Win32Exception or FileNotFoundException)
        {
            throw CliException.CannotStart(
                $"cannot start {program}: {wrong.Message}; name it with --agent-path",
                wrong
            );
        }
    }

    /// <summary>Starts an agent beside the one that runs on a node, in its container.</summary>
    /// <exception cref="CliException">No agent runs there.</exception>
    public static async Task<SegmentFeed> OfNodeAsync(
        Cluster cluster,
        string? tap,
        string node,
        IEnumerable<string> arguments,
        Terminal terminal,
        CancellationToken cancellation
    )
    {
        V1Pod pod =
            (await cluster.AgentsAsync(tap, node, cancellation).ConfigureAwait(false)).FirstOrDefault(pod =>
                pod.Status?.Phase == "Running"
            )
            ?? throw CliException.Failed($"no agent runs on {node} in {cluster.Namespace}: see `ocx check --cluster`");
        // The container's environment is the tap's: this agent must neither report nor serve in the other's place.
        string[] command =
        [
            "/usr/local/bin/ocx-node-agent",
            .. arguments,
            "--report",
            "false",
            "--http-port",
            "0",
            "--log-format",
            "text",
            "--log-level",
            "warn",
        ];
        IStreamDemuxer streams = await cluster
            .Api.MuxedStreamNamespacedPodExecAsync(
                pod.Metadata.Name,
                cluster.Namespace,
                command,
                Cluster.AgentContainer,
                stderr: true,
                stdin: false,
                stdout: true,
                tty: false,
                cancellationToken: cancellation
            )
            .ConfigureAwait(false);
        Stream output = streams.GetStream(ChannelIndex.StdOut, null),
            log = streams.GetStream(ChannelIndex.StdErr, null),
            status = streams.GetStream(ChannelIndex.Error, null);
        streams.Start();
        _ = PassOnAsync(log, terminal);
        return new SegmentFeed(
            output,
            async () => Failure(await ReadAsync(status).ConfigureAwait(false)),
            streams.Dispose
        );
    }

    private static async Task PassOnAsync(Stream log, Terminal terminal)
    {
        var skipped = new SkippedLines(terminal);
        await foreach (
            ReadOnlyMemory<byte> line in CallLog
                .ReadLinesAsync(log, skipped, CancellationToken.None)
                .ConfigureAwait(false)
        )
        {
            terminal.Say(Encoding.UTF8.GetString(line.Span).TrimEnd('\r'));
        }
    }

    private static async Task<byte[]> ReadAsync(Stream status)
    {
        byte[] said = new byte[LongestStatus];
        int length = await status.ReadAtLeastAsync(said, said.Length, throwOnEndOfStream: false).ConfigureAwait(false);
        return said[..length];
    }

    private static string? Failure(byte[] status)
    {
        try
        {
            WireObject said = WireObject.Parse(status);
            return said.Text("status") == "Success" ? null : $"the agent: {said.Text("message")}";
        }
        catch (FormatException)
        {
            return "the API server ended the connection";
        }
    }
}
