using System.Net;
using System.Text.Json;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests;

/// <summary>The command ocx beside a single agent of this machine, without a cluster.</summary>
public sealed class CliTests : KernelTest
{
    private const int Rounds = 10;
    private const int ToolCalls = 2 * Rounds;

    private static readonly IPEndPoint s_server = new(IPAddress.Loopback, 8080);
    private static readonly IPEndPoint s_metrics = new(IPAddress.Loopback, 9090);
    private static readonly string s_ocx = Path.Combine(Path.GetDirectoryName(AgentProcess.Path)!, "ocx");

    private readonly string _file = Path.Combine(Path.GetTempPath(), $"ocx-{Guid.NewGuid():n}");

    [Fact]
    public void Status_shows_the_counters_of_an_agent()
    {
        using var host = new NetworkNamespace();
        using var server = new McpServerProcess(host, s_server);
        using AgentProcess agent = AgentProcess.Start(
            host,
            "--interface",
            "lo",
            "--events",
            "none",
            "--http-address",
            $"{s_metrics.Address}",
            "--http-port",
            $"{s_metrics.Port}"
        );
        Converse(host);
        string status = string.Empty;
        Assert.True(
            SpinWait.SpinUntil(
                () =>
                    (status = host.Exec(s_ocx, "status", "--agent", $"http://{s_metrics}")).Contains(
                        "ocx_agent_calls_total",
                        StringComparison.Ordinal
                    ),
                TimeSpan.FromSeconds(5)
            ),
            status
        );
        Assert.Matches(@"(?m)^ocx_agent_dropped_packets_total\S* +0 *$", status);
        agent.Stop();
    }

    [Fact]
    public void Observe_shows_what_an_agent_prints_and_top_counts_it()
    {
        using var host = new NetworkNamespace();
        using var server = new McpServerProcess(host, s_server);
        try
        {
            using AgentProcess agent = AgentProcess.LaunchBy(
                host,
                ["sh", "-c", $"exec \"$@\" >{_file}", "sh"],
                "--interface",
                "lo",
                "--events",
                "calls"
            );
            agent.AwaitLog("Tapping ");
            Converse(host);
            agent.Stop();

            string[] lines = Command
                .Run(s_ocx, "observe", "--input", _file, "--tool", "echo", "-o", "json")
                .Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(Rounds, lines.Length);
            Assert.All(lines, line => Assert.Equal("echo", JsonElement.Parse(line).GetProperty("name").GetString()));
            Assert.Matches(
                $@"(?m)^tools/call +add +\S+ +{Rounds} +0 ",
                Command.Run(s_ocx, "top", "--input", _file, "--once", "--interval", "1h")
            );
        }
        finally
        {
            File.Delete(_file);
        }
    }

    [Fact]
    public async Task Record_writes_with_the_agent_beside_it_what_replay_reads()
    {
        using var host = new NetworkNamespace();
        using var server = new McpServerProcess(host, s_server);
        try
        {
            Task<string> record = Task.Run(() =>
                host.Exec(
                    s_ocx,
                    "record",
                    "-w",
                    _file,
                    "--interface",
                    "lo",
                    "--port",
                    $"{s_server.Port}",
                    "--duration",
                    "15s"
                )
            );
            // The one packet socket of this namespace is the agent's.
            Assert.True(
                SpinWait.SpinUntil(() => host.Exec("ss", "-H", "--packet").Length > 0, TimeSpan.FromSeconds(60)),
                "no agent taps"
            );
            Converse(host);
            await record;
            Assert.Equal("600", Command.Run("stat", "-c", "%a", _file).Trim());
            string[] calls = Command
                .Run(s_ocx, "replay", _file, "-o", "json")
                .Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(
                ToolCalls,
                calls.Count(call => JsonElement.Parse(call).GetProperty("method").GetString() == "tools/call")
            );
        }
        finally
        {
            File.Delete(_file);
        }
    }

    private static void Converse(NetworkNamespace host) =>
        host.Exec(McpServerProcess.Program, "client", $"http://{s_server}", $"{Rounds}");
}
