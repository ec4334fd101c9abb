using System.Diagnostics;
using System.Text.Json;
using ModelContextProtocol.Client;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Gate;

/// <summary>The SDK's client and server with a gate between them, which does what the auditor says.</summary>
public sealed class EnforceTests : KernelTest
{
    private const string Refused = "refused by audit: rules: rule 'no-deletes': deletes 5000 rows";
    private const string Withheld = "result withheld by audit: rules: rule 'secrets': it is a secret";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Calls_are_released_refused_and_withheld_in_one_session(bool isIpv6)
    {
        using var server = new GatedServer(isIpv6: isIpv6);
        using GateProcess gate = server.StartGate();
        await using McpClient client = await server.ConnectAsync();

        Assert.Equal("hello", await GatedServer.CallAsync(client, "echo", "hello"));
        Assert.Contains(Refused, await GatedServer.CallAsync(client, "delete_orders", "refused"), Ordinal);
        Assert.Equal("no orders of ann are left", await GatedServer.CallAsync(client, "delete_orders", "ann"));
        Assert.Contains(Withheld, await GatedServer.CallAsync(client, "echo", "withheld text, " + Padding), Ordinal);
        Assert.Equal("goodbye", await GatedServer.CallAsync(client, "echo", "goodbye"));

        Assert.Equal(["echo hello", "delete_orders ann", "echo withheld", "echo goodbye"], FirstWords(server.Journal));
        IReadOnlyList<JsonElement> records = server.Auditor.AwaitRecords(5);
        Assert.Equal(5, records.Count);
        Assert.All(records, record => Assert.Equal("Enforce", record.GetProperty("mode").GetString()));
        gate.Stop();
        Assert.DoesNotContain("OCX-GATE", server.Server.Exec("iptables-save"), Ordinal);
    }

    [Fact]
    public async Task A_refused_call_has_the_code_that_the_audit_gives()
    {
        using var server = new GatedServer();
        using GateProcess gate = server.StartGate();
        await using McpClient client = await server.ConnectAsync();
        Assert.StartsWith("-32090 ", await GatedServer.CallAsync(client, "delete_orders", "refused"), Ordinal);
    }

    [Fact]
    public async Task A_call_that_a_person_has_to_approve_waits_until_then()
    {
        using var server = new GatedServer();
        using GateProcess gate = server.StartGate();
        await using McpClient client = await server.ConnectAsync();
        Task<string> calling = GatedServer.CallAsync(client, "delete_orders", "asked");
        string id = server.AwaitPending()[0];
        Assert.False(calling.IsCompleted);
        Assert.Empty(server.Journal);

        server.Auditor.Audit("approve", id, "--reason", "ann asked for it");
        long approved = Stopwatch.GetTimestamp();
        Assert.Equal("no orders of asked are left", await calling);
        Assert.InRange(Stopwatch.GetElapsedTime(approved).TotalSeconds, 0, 10);
        Assert.Equal(["delete_orders asked"], FirstWords(server.Journal));
    }

    [Fact]
    public async Task A_call_that_nobody_approves_expires()
    {
        using var server = new GatedServer(maxHold: "2s");
        using GateProcess gate = server.StartGate();
        await using McpClient client = await server.ConnectAsync();
        string answer = await GatedServer.CallAsync(client, "delete_orders", "asked");
        Assert.Matches("^-32090 .*refused by audit", answer);
        Assert.Empty(server.Journal);
    }

    [Fact]
    public async Task Large_results_and_arguments_pass_whole()
    {
        using var server = new GatedServer();
        using GateProcess gate = server.StartGate();
        await using McpClient client = await server.ConnectAsync();
        string large = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{i:x8} row "));
        Assert.Equal(large, await GatedServer.CallAsync(client, "echo", large));
        Assert.Equal($"no orders of {large} are left", await GatedServer.CallAsync(client, "delete_orders", large));
    }

    [Fact]
    public async Task Two_hundred_sessions_at_once_get_each_the_answers_of_their_own_calls()
    {
        const int Sessions = 200;
        using var server = new GatedServer();
        using GateProcess gate = server.StartGate();
        string[][] answers = await Task.WhenAll(
            Enumerable.Range(0, Sessions).Select(session => ConverseAsync(server, session))
        );
        for (int session = 0; session < Sessions; session++)
        {
            Assert.True(answers[session][0] == $"text {session}", answers[session][0]);
            Assert.True(answers[session][1].Contains(Refused, Ordinal), answers[session][1]);
            Assert.True(answers[session][2].Contains(Withheld, Ordinal), answers[session][2]);
            Assert.Equal($"no orders of {session} are left", answers[session][3]);
        }

        Assert.Equal(3 * Sessions, server.Journal.Length);
        Assert.DoesNotContain(server.Journal, call => call.Contains("refused", Ordinal));
        Assert.Equal(4 * Sessions, server.Auditor.AwaitRecords(4 * Sessions).Count);
    }

    [Theory]
    [InlineData("Open")]
    [InlineData("Closed")]
    public async Task A_gate_that_is_killed_leaves_what_its_policy_says(string policy)
    {
        using var server = new GatedServer(policy);
        using (GateProcess killed = server.StartGate())
        {
            await using McpClient before = await server.ConnectAsync();
            Assert.Equal("before", await GatedServer.CallAsync(before, "echo", "before"));
            Task<string> waiting = GatedServer.CallAsync(before, "delete_orders", "asked");
            server.AwaitPending();
            killed.Kill();
            if (policy == "Open")
            {
                Assert.Equal("no orders of asked are left", await waiting);
                Assert.Equal("after", await GatedServer.CallAsync(before, "echo", "after"));
                return;
            }

            Assert.Single(server.Journal);
            using GateProcess next = server.StartGate();
            Assert.False(waiting.IsCompleted);
            server.Auditor.Audit("refuse", server.AwaitPending()[0]);
            Assert.Matches("^-32090 .*refused by audit", await waiting);
            Assert.Single(server.Journal);
        }
    }

    private static StringComparison Ordinal => StringComparison.Ordinal;

    private static string Padding => new('.', 500);

    private static async Task<string[]> ConverseAsync(GatedServer server, int session)
    {
        await using McpClient client = await server.ConnectAsync();
        return
        [
            await GatedServer.CallAsync(client, "echo", $"text {session}"),
            await GatedServer.CallAsync(client, "delete_orders", $"refused {session}"),
            await GatedServer.CallAsync(client, "echo", $"withheld {session} {Padding}"),
            await GatedServer.CallAsync(client, "delete_orders", $"{session}"),
        ];
    }

    private static string[] FirstWords(string[] journal) =>
        [.. journal.Select(call => string.Join(' ', call.Split(' ').Take(2)))];
}
