using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Live;

/// <summary>
/// The official conformance suite: its server scenarios, and its client scenarios with an SDK's client. What it thinks
/// of servers and clients does not count here, but that the tap tells all that passes between them.
/// </summary>
public sealed class ConformanceTests : KernelTest
{
    [Theory]
    [InlineData("server-everything streamableHttp", "2025-11-25")]
    [InlineData("conformance-server", "2025-11-25")]
    [InlineData("conformance-server", "2026-07-28")]
    public void What_its_server_scenarios_send_is_told(string server, string revision)
    {
        const int Port = 3001;
        using var run = new LiveRun(Port);
        run.Serve(Port, LiveServers.Command(server, Port));
        string output = run.Launch(
                "node",
                NodePrograms.Binary("conformance"),
                "server",
                "--url",
                $"http://localhost:{Port}/mcp",
                "--suite",
                "all",
                "--spec-version",
                revision
            )
            .AwaitEnd(code: null); // not 0: no server passes all
        run.Stop();

        Assert.Contains("=== SUMMARY ===", output, StringComparison.Ordinal);
        // Some scenarios write HTTP on their own: the server knows of all.
        run.AssertToldAsByServer(Port);
        Assert.True(run.Told(Port).Count > 60, output);
    }

    [Fact]
    public async Task What_its_client_scenarios_make_clients_send_is_told()
    {
        int[][] lanes =
        [
            [.. Enumerable.Range(9001, 8)],
            [.. Enumerable.Range(9009, 8)],
        ];
        using var run = new LiveRun([.. lanes.SelectMany(ports => ports)]);
        string[][] scenarios = [.. Scenarios(run.Run("node", NodePrograms.Binary("conformance"), "list"))];
        Assert.True(scenarios.Length > 35, $"only {scenarios.Length} scenarios");
        int next = -1;
        await Task.WhenAll(
            lanes.Select(ports =>
                Task.Run(() =>
                {
                    while (Interlocked.Increment(ref next) is var i && i < scenarios.Length)
                    {
                        run.LaunchOn(
                                ports,
                                "node",
                                NodePrograms.Binary("conformance"),
                                "client",
                                "--command",
                                "node conformance-client.mjs",
                                "--scenario",
                                scenarios[i][0],
                                "--spec-version",
                                scenarios[i][1]
                            )
                            .AwaitEnd(code: null);
                    }
                })
            )
        );
        run.Stop();

        run.AssertToldAsByBoth();
        Assert.True(run.Told(run.Ports).Count > 100);
    }

    // "  - tools_call [2025-06-18,2025-11-25,2026-07-28]": each is run for the newest revision that it is for.
    // Extensions need clients that know them.
    private static IEnumerable<string[]> Scenarios(string list) =>
        list.Split("Client scenarios")[1]
            .Split("Authorization server scenarios")[0]
            .Split('\n')
            .Where(line => line.StartsWith("  - ", StringComparison.Ordinal))
            .Select(line => line[4..].TrimEnd(']').Split(" ["))
            .Where(scenario => scenario[1] != "extension")
            .Select(scenario => new[] { scenario[0], scenario[1].Split(',')[^1] });
}
