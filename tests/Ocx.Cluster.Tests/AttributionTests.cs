using System.Globalization;
using System.Text.Json.Nodes;

namespace Ocx.Cluster.Tests;

/// <summary>
/// Who is at the two ends of calls between pods of one node. Each client calls itself by its pod's name, and each server has a port of its own, so
/// the truth stands in the calls themselves.
/// </summary>
public sealed class AttributionTests(Release release)
{
    private const int First = 7310;
    private const int Second = 7311;
    private const int OnNode = 7312;
    private const int Clients = 10;
    private const int Rounds = 50;

    // The node of hack/cluster/up gives a pod the first free address after this one, and would come round to the same one after 250 pods.
    private const string LastAddress = "/run/ocx-cluster/cni-addresses/ocx/last_reserved_ip.0";

    private const double Named = 0.99;
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Calls_of_short_lived_pods_that_hand_on_their_address_are_named_at_both_ends_soon_and_never_wrongly()
    {
        await using var first = await release.StartServerAsync(First);
        await using var second = await release.StartServerAsync(Second);
        await release.TapAsync("named", $$"""{"interface":"any","port":{{First}},"additionalPorts":[{{Second}}]}""");
        await release.ReadyAsync("named");

        long said = 0;
        string? last = release.IsLocal ? await File.ReadAllTextAsync(LastAddress) : null;
        for (int i = 0; i < Clients; i++)
        {
            if (last is not null)
            {
                await File.WriteAllTextAsync(LastAddress, last);
            }

            said += (await release.ConverseAsync((i % 2 == 0 ? first : second).Url, Rounds)).Calls;
        }

        var calls = await ToolCallsAsync("named", said);
        var servers = new Dictionary<int, string> { [First] = first.Pod, [Second] = second.Pod };
        Assert.All(calls, call => AssertNotWrong(call.Record, servers));
        int addresses = calls.Select(call => (string)call.Record["client"]!["address"]!).Distinct().Count();
        int soon = calls.Count(call => call.Late <= s_soon && IsNamed(call.Record["client"]!) && IsNamed(call.Record["server"]!));
        TestContext.Current.SendDiagnosticMessage(string.Create(
            CultureInfo.InvariantCulture,
            $"attribution: {soon} of {calls.Count} calls of {Clients} pods on {addresses} addresses named at both ends within 2 s; latest told {calls.Max(call => call.Late).TotalMilliseconds:0} ms after its end"));
        Assert.True(!release.IsLocal || addresses < Clients, "no pod got the address of another");
        Assert.True(soon >= Named * said, $"{soon} of {said} calls are named at both ends within 2 s");
        await release.KubectlAsync("delete", "mcptap", "named");
    }

    [Fact]
    public async Task Pods_on_the_host_network_are_named_by_their_process_or_not_at_all()
    {
        await using var server = await release.StartServerAsync(OnNode, hostNetwork: true);
        await release.TapAsync("hosted", $$"""{"interface":"any","port":{{OnNode}},"processes":true}""");
        await release.ReadyAsync("hosted");

        long said = 0;
        foreach (bool hostNetwork in new[] { false, true })
        {
            said += (await release.EndAsync(await release.StartClientAsync(server.Url, Rounds, callsPerSecond: 25, hostNetwork))).Calls;
        }

        var calls = await ToolCallsAsync("hosted", said);
        Assert.All(calls, call => AssertNotWrong(call.Record, new() { [OnNode] = server.Pod }));
        int named = calls.Count(call => IsNamed(call.Record["server"]!));
        TestContext.Current.SendDiagnosticMessage($"attribution: {named} of {calls.Count} calls to a pod on the host network name it, {calls.Count(call => IsNamed(call.Record["client"]!))} their client");
        Assert.True(named >= Named * said, $"{named} of {said} calls name the server on the host network");
        await release.KubectlAsync("delete", "mcptap", "hosted");
    }

    private static bool IsNamed(JsonNode end) => end["pod"] is not null;

    private static void AssertNotWrong(JsonNode call, Dictionary<int, string> servers)
    {
        var (client, server) = (call["client"]!, call["server"]!);
        if (IsNamed(client))
        {
            Assert.Equal((Release.Workloads, (string)client["name"]!), ((string)client["namespace"]!, (string)client["pod"]!));
        }
        if (IsNamed(server))
        {
            Assert.Equal((Release.Workloads, servers[(int)server["port"]!]), ((string)server["namespace"]!, (string)server["pod"]!));
        }
    }

    /// <summary>The calls of tools that the tap's agent has printed, each with the time from its end until it was printed.</summary>
    private async Task<List<(JsonNode Record, TimeSpan Late)>> ToolCallsAsync(string tap, long expected)
    {
        List<(JsonNode Record, TimeSpan Late)> calls = [];
        string agent = (await release.AgentAsync(tap)).Metadata.Name;
        await Eventually.TrueAsync(
            async () =>
            {
                string log = await release.KubectlAsync("-n", Release.Namespace, "logs", agent, "-c", "agent", "--timestamps");
                calls = [.. log.Split('\n').Where(line => line.Contains("\"method\":\"tools/call\"", StringComparison.Ordinal)).Select(Parse)];
                return calls.Count == expected;
            },
            20, $"{expected} calls of tools are printed", () => Task.FromResult($"{calls.Count} are."));
        return calls;
    }

    private static (JsonNode Record, TimeSpan Late) Parse(string line)
    {
        int time = line.IndexOf(' ', StringComparison.Ordinal);
        var record = JsonNode.Parse(line[(time + 1)..])!;
        var end = DateTimeOffset.Parse((string)record["start"]!, CultureInfo.InvariantCulture) + TimeSpan.FromTicks((long)record["durationNs"]! / 100);
        return (record, DateTimeOffset.Parse(line[..time], CultureInfo.InvariantCulture) - end);
    }
}
