using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace Ocx.Kernel.Tests.Harness;

/// <summary>The shipped agent, run in a network namespace. Disposing it kills it if it still runs.</summary>
internal sealed class AgentProcess : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _log = new();

    private AgentProcess(NetworkNamespace @namespace, IEnumerable<string> arguments, Action<string>? onOutput = null)
    {
        // ip-netns(8) becomes the agent, so this is the agent's own pid.
        _process = new Process
        {
            // What a shell starts in the background ignores SIGINT, and so do the tests and all that they start.
            StartInfo = new ProcessStartInfo(
                "ip",
                ["netns", "exec", @namespace.Name, "env", "--default-signal=INT", .. arguments]
            )
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        _process.OutputDataReceived += (_, line) =>
        {
            if (onOutput is null)
            {
                Keep(_output, line.Data);
            }
            else if (line.Data is not null)
            {
                onOutput(line.Data);
            }
        };
        _process.ErrorDataReceived += (_, line) => Keep(_log, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The published binary, as <c>make agent</c> builds it.</summary>
    public static string Path { get; } = FindBinary();

    public int Pid => _process.Id;

    /// <summary>The lines on standard error so far.</summary>
    public IReadOnlyCollection<string> Log => _log;

    /// <summary>The events on standard output so far (<c>--events json</c>).</summary>
    public IReadOnlyList<JsonElement> Events => [.. _output.Select(line => JsonElement.Parse(line))];

    /// <summary>Starts the agent without waiting for anything.</summary>
    public static AgentProcess Launch(NetworkNamespace @namespace, params IEnumerable<string> arguments) =>
        new(@namespace, [Path, .. arguments]);

    /// <summary>
    /// Starts the agent, hands on each line of its output and keeps none, and waits until it taps. It goes before all
    /// else that the machine does: on a node an agent has its share of the processors, and here others have them all.
    /// </summary>
    public static AgentProcess StartWatched(
        NetworkNamespace @namespace,
        Action<string> onOutput,
        params IEnumerable<string> arguments
    )
    {
        var agent = new AgentProcess(@namespace, ["nice", "-n", "-15", Path, .. arguments], onOutput);
        agent.AwaitLog("Tapping ");
        return agent;
    }

    /// <summary>Starts the agent by another command, which is to execute it.</summary>
    public static AgentProcess LaunchBy(
        NetworkNamespace @namespace,
        IEnumerable<string> command,
        params IEnumerable<string> arguments
    ) => new(@namespace, [.. command, Path, .. arguments]);

    /// <summary>Starts the agent and waits until it taps.</summary>
    public static AgentProcess Start(NetworkNamespace @namespace, params IEnumerable<string> arguments)
    {
        AgentProcess agent = Launch(@namespace, arguments);
        agent.AwaitLog("Tapping ");
        return agent;
    }

    /// <summary>Waits until a line of the log contains the text.</summary>
    public void AwaitLog(string text, int times = 1) =>
        Assert.True(
            SpinWait.SpinUntil(
                () => _log.Count(line => line.Contains(text, StringComparison.Ordinal)) >= times,
                s_patience
            ),
            $"the agent never said '{text}':\n{string.Join('\n', _log)}"
        );

    /// <summary>Waits until so many payload bytes were printed.</summary>
    public void AwaitBytes(int count) =>
        Assert.True(
            SpinWait.SpinUntil(() => Events.Sum(e => e.GetProperty("captured").GetInt32()) >= count, s_patience),
            $"the agent did not print {count} bytes:\n{string.Join('\n', _log)}"
        );

    /// <summary>Sends a signal (signal(7)).</summary>
    public void Signal(int signal) => Assert.Equal(0, Native.kill(Pid, signal));

    /// <summary>Waits for the end, with all output read.</summary>
    /// <returns>The exit code.</returns>
    public int AwaitExit(TimeSpan limit)
    {
        Assert.True(
            _process.WaitForExit(limit),
            $"the agent still ran after {limit.TotalSeconds} s:\n{string.Join('\n', _log)}"
        );
        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <summary>Stops the agent as an administrator does.</summary>
    public void Stop()
    {
        Signal(Native.SigTerm);
        Assert.Equal(0, AwaitExit(s_patience));
    }

    /// <summary>The kernel's identifiers of the BPF programs that the process holds.</summary>
    public IReadOnlySet<string> ProgramIds() =>
        Directory
            .EnumerateFiles($"/proc/{Pid}/fdinfo")
            .SelectMany(LinesOf)
            .Where(line => line.StartsWith("prog_id:", StringComparison.Ordinal))
            .Select(line => line.Split('\t')[1])
            .ToHashSet();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }
        _process.Dispose();
    }

    // The agent goes on working: a descriptor may be gone again.
    private static string[] LinesOf(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (FileNotFoundException)
        {
            return [];
        }
    }

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (!string.IsNullOrEmpty(line))
        {
            lines.Enqueue(line);
        }
    }

    private static string FindBinary()
    {
        string binary = Checkout.PathOf("artifacts", "ocx-node-agent");
        return File.Exists(binary)
            ? binary
            : throw new FileNotFoundException("artifacts/ocx-node-agent is missing: run 'make agent' first");
    }
}
