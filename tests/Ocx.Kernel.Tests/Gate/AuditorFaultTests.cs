using ModelContextProtocol.Client;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Gate;

/// <summary>An auditor that is killed, while calls wait and while none does, and one that comes back.</summary>
public sealed class AuditorFaultTests : KernelTest
{
    private const string Refused = "refused by audit: rules: rule 'no-deletes': deletes 5000 rows";
    private const string CannotBeAsked = "the auditor cannot be asked";

    private static readonly string s_padding = new('.', 500);

    [Theory]
    [InlineData("Open")]
    [InlineData("Closed")]
    public async Task Without_an_auditor_the_policy_decides_until_one_is_back(string policy)
    {
        using var server = new GatedServer(policy, maxHold: "10s");
        using GateProcess gate = server.StartGate();
        await using McpClient client = await server.ConnectAsync();
        Task<string> held = GatedServer.CallAsync(client, "delete_orders", "asked");
        server.AwaitPending();
        server.Auditor.Kill();
        // What is not audited passes at once, while the other waits.
        await using McpClient other = await server.ConnectAsync();
        Assert.NotEmpty(await other.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken));
        Task<string> call = GatedServer.CallAsync(client, "delete_orders", "ann"),
            result = GatedServer.CallAsync(other, "echo", $"text {s_padding}");
        if (policy == "Open")
        {
            Assert.Equal("no orders of asked are left", await held);
            Assert.Equal("no orders of ann are left", await call);
            Assert.Equal($"text {s_padding}", await result);
        }
        else
        {
            Assert.Equal($"-32090 Request failed (remote): refused by audit: {CannotBeAsked}", await held);
            Assert.Equal($"-32090 Request failed (remote): refused by audit: {CannotBeAsked}", await call);
            Assert.Equal($"-32090 Request failed (remote): result withheld by audit: {CannotBeAsked}", await result);
            Assert.DoesNotContain(server.Journal, said => said.StartsWith("delete_orders", StringComparison.Ordinal));
        }

        server.Auditor.KillAndStartAgain();
        gate.AwaitLog("judges calls", times: 2);
        Assert.Contains(
            Refused,
            await GatedServer.CallAsync(client, "delete_orders", "refused"),
            StringComparison.Ordinal
        );
        Assert.Equal("after", await GatedServer.CallAsync(other, "echo", "after"));
        Assert.DoesNotContain("delete_orders refused", server.Journal);
    }

    [Fact]
    public async Task What_waits_when_the_auditor_is_killed_waits_for_the_next_one()
    {
        using var server = new GatedServer();
        using GateProcess gate = server.StartGate();
        await using McpClient client = await server.ConnectAsync();
        Task<string> approved = GatedServer.CallAsync(client, "delete_orders", "asked 1"),
            withheld = GatedServer.CallAsync(client, "echo", $"asked {s_padding}");
        server.AwaitPending(2);
        server.Auditor.KillAndStartAgain();
        gate.AwaitLog("judges calls", times: 2);
        Assert.False(approved.IsCompleted || withheld.IsCompleted);

        foreach (string id in server.AwaitPending(2))
        {
            bool isCall = server
                .Auditor.Audit("approvals", "-o", "json")
                .Split('\n')
                .Any(line =>
                    line.Contains(id, StringComparison.Ordinal)
                    && line.Contains("delete_orders", StringComparison.Ordinal)
                );
            server.Auditor.Audit(isCall ? "approve" : "refuse", id);
        }

        Assert.Equal("no orders of asked 1 are left", await approved);
        Assert.StartsWith(
            "-32090 Request failed (remote): result withheld by audit",
            await withheld,
            StringComparison.Ordinal
        );
    }
}
