using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Gate;

/// <summary>
/// A gate on a link that loses, repeats and reorders packets: each call ends as the auditor says, and what is released
/// is what came without a gate.
/// </summary>
public sealed class RoughLinkTests : KernelTest
{
    [Theory]
    [InlineData(1500)]
    [InlineData(576)]
    public async Task Calls_end_as_decided_and_released_results_are_the_unheld_ones(int mtu)
    {
        var link = new RoughLink("10.0.0.1/24", "10.0.0.2/24", seed: 20261127);
        link.Client.Ip($"link set client0 mtu {mtu}");
        link.Server.Ip($"link set server0 mtu {mtu}");
        using var server = new GatedServer(link: link);
        string[] sessions = ["2025-11-25/", "2025-11-25/", "2026-07-28/", "2026-07-28/"];
        string rows = string.Concat(Enumerable.Range(0, mtu).Select(i => $"{i:x8} row "));
        ToolCall[] released = [new("echo", rows), new("delete_orders", "ann"), new("delete_orders", $"bob {rows}")];

        IReadOnlyList<CallOutcome> unheld;
        // On the rough link a connection can outlive its client, and the gate would then join it midway.
        using (var another = new GatedServer())
        {
            unheld = await GatedClients.RunCSharpAsync(another, sessions, released);
        }

        using GateProcess gate = server.StartGate();
        IReadOnlyList<CallOutcome> held = await gate.NoteFailuresAsync(
            GatedClients.RunCSharpAsync(
                server,
                sessions,
                [
                    new("delete_orders", "refused"),
                    released[0],
                    new("echo", $"withheld {rows}"),
                    released[1],
                    new("delete_orders", $"refused {rows}"),
                    released[2],
                ]
            )
        );

        CallOutcome[] refused = [.. held.Where(outcome => outcome.Digest.Length == 0)];
        Assert.Equal(Digests(unheld), Digests(held.Where(outcome => outcome.Digest.Length > 0)));
        Assert.Equal(3 * sessions.Length, refused.Length);
        Assert.All(
            refused,
            outcome =>
                Assert.Contains(
                    outcome.Call.StartsWith("echo", StringComparison.Ordinal)
                        ? "result withheld by audit: rules: rule 'secrets'"
                        : "refused by audit: rules: rule 'no-deletes'",
                    outcome.Answer,
                    StringComparison.Ordinal
                )
        );
        Assert.DoesNotContain(server.Journal, call => call.Contains("refused", StringComparison.Ordinal));
        Assert.True(
            link.Lost > 0 && link.Repeated > 0 && link.Reordered > 0,
            $"lost {link.Lost}, repeated {link.Repeated}, reordered {link.Reordered}"
        );
    }

    private static IEnumerable<string> Digests(IEnumerable<CallOutcome> outcomes) =>
        outcomes
            .Select(each => $"{each.Session} {each.Call[..Math.Min(each.Call.Length, 30)]} {each.Digest}")
            .Order(StringComparer.Ordinal);
}
