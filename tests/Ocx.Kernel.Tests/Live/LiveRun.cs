using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Live;

/// <summary>
/// Real programs that speak MCP on lo of a network namespace, with the shipped agent beside them. They write down what
/// they send and receive; at the end that is held against what the agent told.
/// </summary>
internal sealed class LiveRun : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly NodeFolder _folder = new();
    private readonly NetworkNamespace _namespace = new();
    private readonly ConcurrentBag<LiveProcess> _processes = [];
    private readonly List<LiveProcess> _servers = [];
    private readonly AgentProcess _agent = null!;
    private readonly string _journal;

    /// <summary>Taps these ports.</summary>
    public LiveRun(params IReadOnlyList<int> ports)
    {
        Ports = ports;
        _journal = Directory.CreateDirectory(Path.Combine(Folder, "journal")).FullName;
        try
        {
            string tapped = string.Join(',', ports);
            _agent = AgentProcess.Start(_namespace, "--interface", "lo", "--port", tapped, "--events", "calls");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The ports that are tapped.</summary>
    public IReadOnlyList<int> Ports { get; }

    /// <summary>A folder for what the programs need and leave.</summary>
    public string Folder => _folder.Path;

    /// <summary>The records on the agent's output; all of them once <see cref="Stop"/> returned.</summary>
    public IReadOnlyList<JsonElement> Records => _agent.Events;

    /// <summary>Starts a server and waits until it listens on the port.</summary>
    public void Serve(int port, IReadOnlyList<string> command)
    {
        LiveProcess server = Launch(command);
        _servers.Add(server);
        server.AwaitPort(port);
    }

    /// <summary>Runs sessions of the SDK's clients at the same time, each to its end.</summary>
    /// <param name="origin">Scheme, host and port of the server.</param>
    /// <param name="kinds">For each session sse, http or stateless.</param>
    /// <param name="patience">With "patient" they cancel nothing.</param>
    public void RunSessions(string origin, IEnumerable<string> kinds, string patience = "impatient")
    {
        LiveProcess[] sessions =
        [
            .. kinds.Select(
                (kind, i) => Launch("node", "session.mjs", origin + PathOf(kind), kind, $"client-{i}", patience)
            ),
        ];
        Array.ForEach(sessions, session => session.AwaitEnd());
    }

    /// <summary>Where servers speak a transport.</summary>
    public static string PathOf(string kind) => kind == "sse" ? "/sse" : "/mcp";

    /// <summary>Starts a program.</summary>
    public LiveProcess Launch(params IReadOnlyList<string> command) => LaunchOn(Ports, command);

    /// <summary>Starts a program whose servers take these ports if they would take any.</summary>
    public LiveProcess LaunchOn(IReadOnlyList<int> ports, params IReadOnlyList<string> command)
    {
        var process = new LiveProcess(
            _namespace,
            Folder,
            new Dictionary<string, string>(_folder.Variables)
            {
                ["NODE_OPTIONS"] = $"--require {Path.Combine(Folder, "journal.cjs")}",
                ["OCX_JOURNAL"] = _journal,
                ["OCX_PORTS"] = string.Join(',', ports),
                ["PORT"] = Ports[0].ToString(CultureInfo.InvariantCulture),
            },
            command
        );
        _processes.Add(process);
        return process;
    }

    /// <summary>Runs a program to its end.</summary>
    public string Run(params IReadOnlyList<string> command) => Launch(command).AwaitEnd();

    /// <summary>
    /// Stops the servers, the last that was started first, and then the agent, which tells what is left.
    /// </summary>
    public void Stop()
    {
        for (int i = _servers.Count - 1; i >= 0; i--)
        {
            _servers[i].Stop();
        }

        _agent.Stop();
        string counts = _agent.Log.Last(line => line.Contains("Calls: Total=", StringComparison.Ordinal));
        Assert.EndsWith("Gaps=0, Unreadable=0, Shed=0", counts, StringComparison.Ordinal);
    }

    /// <summary>The calls to these ports that the agent told.</summary>
    public IReadOnlyList<LiveCall> Told(params IReadOnlyList<int> ports) =>
        [.. Records.Select(LiveCall.Told).Where(call => ports.Contains(call.Port))];

    /// <summary>The calls to these ports that the programs wrote down.</summary>
    public IReadOnlyList<LiveCall> Journaled(string role, params IReadOnlyList<int> ports) =>
        Journal.Calls(_journal, role, ports);

    /// <summary>
    /// Fails unless the agent told what both sides of the calls wrote down: each call once, and no other.
    /// </summary>
    public void AssertToldAsByBoth()
    {
        AssertToldAsByClient(Ports);
        AssertToldAsByServer(Ports);
    }

    /// <summary>The same for the side that answers.</summary>
    public void AssertToldAsByServer(params IReadOnlyList<int> ports) =>
        AssertSame(Journaled(Journal.Server, ports), Told(ports));

    /// <summary>
    /// The same for the side that asks. A client that ends may leave unread what its server asks of it just then.
    /// </summary>
    public void AssertToldAsByClient(params IReadOnlyList<int> ports) =>
        AssertSame(
            [.. Journaled(Journal.Client, ports).Where(call => !LiveCall.IsUnansweredOfServer(call))],
            [.. Told(ports).Where(call => !LiveCall.IsUnansweredOfServer(call))]
        );

    /// <summary>Fails unless both hold the same calls.</summary>
    public static void AssertSame(IReadOnlyList<LiveCall> happened, IReadOnlyList<LiveCall> told)
    {
        Assert.NotEmpty(happened);
        List<LiveCall> untold = [.. happened];
        List<LiveCall> invented = [.. told.Where(call => !untold.Remove(call))];
        Assert.True(
            untold.Count + invented.Count == 0,
            $"""
            of {happened.Count} calls, the agent did not tell:
            {string.Join('\n', untold)}
            and it told what was not:
            {string.Join('\n', invented)}
            """
        );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _agent?.Dispose();
        foreach (LiveProcess process in _processes)
        {
            process.Dispose();
        }

        // What servers started themselves, and left.
        Assert.True(SpinWait.SpinUntil(() => KillLeft() == 0, s_patience), "programs in the namespace do not end");
        _namespace.Dispose();
        _folder.Dispose();
    }

    private int KillLeft()
    {
        string[] left = Command
            .Run("ip", "netns", "pids", _namespace.Name)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (string pid in left)
        {
            _ = Native.kill(int.Parse(pid, CultureInfo.InvariantCulture), Native.SigKill);
        }

        return left.Length;
    }
}
