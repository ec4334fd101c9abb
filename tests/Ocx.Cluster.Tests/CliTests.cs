using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Ocx.Cluster.Tests;

/// <summary>The command ocx, as kubectl runs it, against agents on a node.</summary>
public sealed class CliTests(Release release)
{
    // More than a capture file's first blocks. What follows them is written by 64 KiB.
    private const int EmptyFile = 1024;

    private static readonly TimeSpan s_promised = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Observe_shows_calls_as_they_end_once_each_and_record_writes_their_segments()
    {
        var port = Release.FreePort();
        await using var server = await release.StartServerAsync(port);
        await using var tap = await release.TapAsync("observed", $$"""{"interface":"any","port":{{port}}}""");
        await release.ReadyAsync("observed");
        var agent = await release.AgentAsync("observed");
        var capture = Path.Combine(Path.GetTempPath(), $"ocx-{Guid.NewGuid():n}.pcapng");
        try
        {
            using var stop = new CancellationTokenSource();
            var seen = new List<(DateTimeOffset At, JsonNode Call)>();
            var observe = ObserveAsync(
                ["observe", "-f", "--tap", "observed", "--since", "1m", "-o", "json"],
                seen,
                stop.Token
            );
            var record = release.ShellAsync(
                $"artifacts/ocx record -w {capture} --node {agent.Spec.NodeName} --tap observed --duration 4m"
            );
            await Eventually.TrueAsync(
                async () =>
                {
                    await release.ConverseAsync(server.Url, calls: 50);
                    return seen.Count > 0 && new FileInfo(capture) is { Exists: true, Length: > EmptyFile };
                },
                "both have begun: each has something of what other clients say"
            );

            var client = await release.StartClientAsync(server.Url, calls: 20);
            var said = await release.EndAsync(client);

            await Eventually.TrueAsync(
                () => Task.FromResult(Tools(seen, client) == said.Calls),
                $"{said.Calls} calls of tools are observed"
            );
            await record;
            Assert.Equal(said.Calls, Tools(seen, client));
            TimeSpan[] late =
            [
                .. seen.Where(line => IsTool(line.Call, client)).Select(line => line.At - EndOf(line.Call)).Order(),
            ];
            TestContext.Current.SendDiagnosticMessage(
                $"observe: a call is printed {late[late.Length / 2].TotalMilliseconds:0} ms after its end (median), "
                    + $"{late[^1].TotalMilliseconds:0} ms at most"
            );
            Assert.InRange(late[late.Length / 2], TimeSpan.Zero, s_promised);
            Assert.All(
                seen,
                line =>
                    Assert.Equal(
                        ("observed", agent.Spec.NodeName),
                        ((string)line.Call["tap"]!, (string)line.Call["node"]!)
                    )
            );

            await stop.CancelAsync();
            await observe;
            var tail = await release.ShellAsync(
                "artifacts/ocx observe --tap observed --method tools/call --tail 7 -o json"
            );
            Assert.Equal(7, tail.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
            Assert.Equal("600", (await release.ShellAsync($"stat -c %a {capture}")).Trim());
            var replay = await release.ShellAsync($"artifacts/ocx replay {capture} -o json");
            Assert.Equal(
                said.Calls,
                replay
                    .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .Count(line => IsTool(JsonNode.Parse(line)!, client))
            );
        }
        finally
        {
            File.Delete(capture);
        }
    }

    private static int Tools(List<(DateTimeOffset At, JsonNode Call)> seen, string client)
    {
        lock (seen)
        {
            return seen.Count(line => IsTool(line.Call, client));
        }
    }

    // Each client calls itself by its pod's name.
    private static bool IsTool(JsonNode call, string client) =>
        (string)call["method"]! == "tools/call" && (string?)call["client"]?["name"] == client;

    private static DateTimeOffset EndOf(JsonNode call) =>
        DateTimeOffset.Parse((string)call["start"]!, null) + TimeSpan.FromTicks((long)call["durationNs"]! / 100);

    private async Task ObserveAsync(
        string[] arguments,
        List<(DateTimeOffset At, JsonNode Call)> seen,
        CancellationToken stop
    )
    {
        using var ocx = Process.Start(
            new ProcessStartInfo(
                Path.Combine(Checkout.Root, "artifacts/ocx"),
                [.. arguments, "--kubeconfig", release.KubeConfig]
            )
            {
                RedirectStandardOutput = true,
            }
        )!;
        await using var end = stop.Register(ocx.Kill);
        while (await ocx.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
        {
            lock (seen)
            {
                seen.Add((DateTimeOffset.UtcNow, JsonNode.Parse(line)!));
            }
        }
    }
}
