using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Ocx.Cluster.Tests;

/// <summary>The command ocx, as kubectl runs it, against agents on a node.</summary>
public sealed class CliTests(Release release)
{
    private static readonly TimeSpan s_promised = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Observe_shows_calls_as_they_end_once_each_and_record_writes_their_segments()
    {
        const int Port = 7301;
        await using var server = await release.StartServerAsync(Port);
        await release.TapAsync("observed", $$"""{"interface":"any","port":{{Port}}}""");
        await release.ReadyAsync("observed");
        var agent = await release.AgentAsync("observed");
        var capture = Path.Combine(Path.GetTempPath(), $"ocx-{Guid.NewGuid():n}.pcapng");
        try
        {
            using var stop = new CancellationTokenSource();
            var seen = new List<(DateTimeOffset At, JsonNode Call)>();
            var observe = ObserveAsync(["observe", "-f", "--tap", "observed", "--since", "1m", "-o", "json"], seen, stop.Token);
            var record = release.ShellAsync($"artifacts/ocx record -o {capture} --node {agent.Spec.NodeName} --tap observed --duration 15s");
            await Task.Delay(TimeSpan.FromSeconds(3));

            var said = await release.ConverseAsync(server.Url, calls: 20);

            await Eventually.TrueAsync(() => Task.FromResult(Tools(seen) == said.Calls), 20, $"{said.Calls} calls of tools are observed");
            await record;
            Assert.Equal(said.Calls, Tools(seen));
            TimeSpan[] late = [.. seen.Where(line => IsTool(line.Call)).Select(line => line.At - EndOf(line.Call)).Order()];
            TestContext.Current.SendDiagnosticMessage(
                $"observe: a call is printed {late[late.Length / 2].TotalMilliseconds:0} ms after its end (median), {late[^1].TotalMilliseconds:0} ms at most");
            Assert.InRange(late[late.Length / 2], TimeSpan.Zero, s_promised);
            Assert.All(seen, line => Assert.Equal(("observed", agent.Spec.NodeName), ((string)line.Call["tap"]!, (string)line.Call["node"]!)));

            await stop.CancelAsync();
            await observe;
            Assert.Equal("600", (await release.ShellAsync($"stat -c %a {capture}")).Trim());
            var replay = await release.ShellAsync($"artifacts/ocx replay {capture} -o json");
            Assert.Equal(said.Calls, replay.Split('\n').Count(line => line.Contains("\"tools/call\"", StringComparison.Ordinal)));
        }
        finally
        {
            File.Delete(capture);
            await release.KubectlAsync("delete", "mcptap", "observed");
        }
    }

    private static int Tools(List<(DateTimeOffset At, JsonNode Call)> seen)
    {
        lock (seen)
        {
            return seen.Count(line => IsTool(line.Call));
        }
    }

    private static bool IsTool(JsonNode call) => (string)call["method"]! == "tools/call";

    private static DateTimeOffset EndOf(JsonNode call) =>
        DateTimeOffset.Parse((string)call["start"]!, null) + TimeSpan.FromTicks((long)call["durationNs"]! / 100);

    private async Task ObserveAsync(string[] arguments, List<(DateTimeOffset At, JsonNode Call)> seen, CancellationToken stop)
    {
        using var ocx = Process.Start(new ProcessStartInfo(Path.Combine(Release.Root, "artifacts/ocx"), [.. arguments, "--kubeconfig", release.KubeConfig])
        {
            RedirectStandardOutput = true,
        })!;
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
