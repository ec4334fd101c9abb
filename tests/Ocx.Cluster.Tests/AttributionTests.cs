using System.Globalization;
using System.Text.Json.Nodes;

namespace Ocx.Cluster.Tests;

/// <summary>
/// Who is at the two ends of calls between pods of one node. Each client calls itself by its pod's name, and each
/// server has a port of its own, so the truth stands in the calls themselves.
/// </summary>
public sealed class AttributionTests(Release release)
{
    private const int Clients = 10;
    private const int Rounds = 50;

    // The node of hack/cluster/up gives a pod the first free address after this one, and would come round to the same
    // one after 250 pods.
    private const string LastAddress = "/run/ocx-cluster/cni-addresses/ocx/last_reserved_ip.0";

    private const double Named = 0.99;

    // After the call's end, or after the API server told of its client's address, whichever is later: a kubelet that
    // has no time tells late.
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Calls_of_short_lived_pods_that_hand_on_their_address_are_named_at_both_ends_soon_and_rightly()
    {
        var (firstPort, secondPort) = (Release.FreePort(), Release.FreePort());
        await using var addresses = release.WatchAddresses();
        await using var first = await release.StartServerAsync(firstPort);
        await using var second = await release.StartServerAsync(secondPort);
        await using var tap = await release.TapAsync(
            "named",
            $$"""{"interface":"any","port":{{firstPort}},"additionalPorts":[{{secondPort}}]}"""
        );
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
        var servers = new Dictionary<int, string> { [firstPort] = first.Pod, [secondPort] = second.Pod };
        Assert.All(calls, call => AssertNotWrong(call.Record, servers));
        int held = calls.Select(call => (string)call.Record["client"]!["address"]!).Distinct().Count();
        var named = calls.Where(call => IsNamed(call.Record["client"]!) && IsNamed(call.Record["server"]!)).ToList();
        int soon = named.Count(call =>
            call.Told - Later(call.End, addresses.ToldAt((string)call.Record["client"]!["name"]!)) <= s_soon
        );
        string account = string.Create(
            CultureInfo.InvariantCulture,
            $"{named.Count} of {said} calls of {Clients} pods on {held} addresses are named at both ends, "
                + $"{soon} of them within 2 s of their end or of the kubelet's word; "
                + $"the latest is told {calls.Max(call => call.Told - call.End).TotalMilliseconds:0} ms after its end"
        );
        TestContext.Current.SendDiagnosticMessage($"attribution: {account}");
        Assert.True(!release.IsLocal || held < Clients, "no pod got the address of another");
        Assert.True(soon >= Named * said, account);
    }

    [Fact]
    public async Task Pods_on_the_host_network_are_named_by_their_process_or_not_at_all()
    {
        int port = Release.FreePort();
        await using var server = await release.StartServerAsync(port, hostNetwork: true);
        await using var tap = await release.TapAsync(
            "hosted",
            $$"""{"interface":"any","port":{{port}},"processes":true}"""
        );
        await release.ReadyAsync("hosted");

        long said = 0;
        foreach (bool hostNetwork in new[] { false, true })
        {
            said += (
                await release.EndAsync(
                    await release.StartClientAsync(server.Url, Rounds, callsPerSecond: 25, hostNetwork)
                )
            ).Calls;
        }

        var calls = await ToolCallsAsync("hosted", said);
        Assert.All(calls, call => AssertNotWrong(call.Record, new() { [port] = server.Pod }));
        int named = calls.Count(call => IsNamed(call.Record["server"]!));
        TestContext.Current.SendDiagnosticMessage(
            $"attribution: {named} of {calls.Count} calls to a pod on the host network name it, "
                + $"{calls.Count(call => IsNamed(call.Record["client"]!))} their client"
        );
        Assert.True(named >= Named * said, $"{named} of {said} calls name the server on the host network");
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static bool IsNamed(JsonNode end) => end["pod"] is not null;

    private static void AssertNotWrong(JsonNode call, Dictionary<int, string> servers)
    {
        var (client, server) = (call["client"]!, call["server"]!);
        if (IsNamed(client))
        {
            Assert.Equal(
                (Release.Workloads, (string)client["name"]!),
                ((string)client["namespace"]!, (string)client["pod"]!)
            );
        }
        if (IsNamed(server))
        {
            Assert.Equal(
                (Release.Workloads, servers[(int)server["port"]!]),
                ((string)server["namespace"]!, (string)server["pod"]!)
            );
        }
    }

    /// <summary>
    /// The calls of tools that the tap's agent has printed, each with its end and when it was printed.
    /// </summary>
    private async Task<List<(JsonNode Record, DateTimeOffset End, DateTimeOffset Told)>> ToolCallsAsync(
        string tap,
        long expected
    )
    {
        List<(JsonNode Record, DateTimeOffset End, DateTimeOffset Told)> calls = [];
        string agent = (await release.AgentAsync(tap)).Metadata.Name;
        await Eventually.TrueAsync(
            async () =>
            {
                string log = await release.KubectlAsync(
                    "-n",
                    Release.Namespace,
                    "logs",
                    agent,
                    "-c",
                    "agent",
                    "--timestamps"
                );
                calls =
                [
                    .. log.Split('\n')
                        .Where(line => line.Contains("\"method\":\"tools/call\"", StringComparison.Ordinal))
                        .Select(Parse),
                ];
                return calls.Count == expected;
            },
            $"{expected} calls of tools are printed",
            () => Task.FromResult($"{calls.Count} are.")
        );
        return calls;
    }

    private static (JsonNode Record, DateTimeOffset End, DateTimeOffset Told) Parse(string line)
    {
        int time = line.IndexOf(' ', StringComparison.Ordinal);
        var record = JsonNode.Parse(line[(time + 1)..])!;
        var end =
            DateTimeOffset.Parse((string)record["start"]!, CultureInfo.InvariantCulture)
            + TimeSpan.FromTicks((long)record["durationNs"]! / 100);
        return (record, end, DateTimeOffset.Parse(line[..time], CultureInfo.InvariantCulture));
    }
}
