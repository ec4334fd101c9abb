using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Gate;

/// <summary>Results of 1 MiB, and arguments of 256 KiB, with both SDKs and in each way that a server answers.</summary>
public sealed class LargeMessageTests : KernelTest
{
    private const int Result = 1 << 20;
    private const int Arguments = 256 << 10;

    // One stream has the answers to all calls, and the SDK's servers write an answer's id behind its result: of one
    // that is longer than what is sent without an acknowledgment nobody knows whose it is.
    private const string OfOneStream = "2024-11-05/sse";

    private static readonly string[] s_sessions =
    [
        "2025-11-25/json",
        "2025-11-25/stream",
        "2026-07-28/modern/json",
        "2026-07-28/modern/stream",
    ];

    [Fact]
    public async Task Large_results_and_arguments_are_released_whole_withheld_and_refused()
    {
        using var server = new GatedServer(isTypeScript: true);
        using GateProcess gate = server.StartGate();
        int shortest = $"row of C# {OfOneStream}".Length,
            longest = """{"customer":""}""".Length + "refused of TypeScript 2026-07-28/modern/stream".Length;
        var rows = new ToolCall("echo", "row", Result / shortest);
        var secret = new ToolCall("echo", "withheld", Result / shortest);
        var orders = new ToolCall("delete_orders", "ann", Arguments / longest);
        var all = new ToolCall("delete_orders", "refused", Arguments / longest);
        var small = new ToolCall("echo", "small");

        IReadOnlyList<CallOutcome> outcomes = await gate.NoteFailuresAsync(
            RunAllAsync(
                GatedClients.RunAsync(server, s_sessions, rows, all, orders, secret, small),
                GatedClients.RunAsync(server, [OfOneStream], rows, all, orders, small)
            )
        );

        Assert.Equal((5 * 2 * s_sessions.Length) + (4 * 2), outcomes.Count);
        foreach (CallOutcome outcome in outcomes)
        {
            switch (outcome.Call)
            {
                case "echo row":
                    Assert.Equal((outcome, Repeated(outcome, rows)), (outcome, outcome.Digest));
                    break;
                case "echo small":
                    Assert.Equal((outcome, Repeated(outcome, small)), (outcome, outcome.Digest));
                    break;
                case "delete_orders ann":
                    Assert.Equal(
                        (outcome, Repeated(outcome, orders, text => $"no orders of {text} are left")),
                        (outcome, outcome.Digest)
                    );
                    break;
                case "echo withheld":
                    Assert.True(
                        outcome.Answer.StartsWith("-32090", StringComparison.Ordinal)
                            && outcome.Answer.Contains("withheld by audit: rules: rule", StringComparison.Ordinal),
                        $"{outcome}"
                    );
                    break;
                default:
                    Assert.True(
                        outcome.Answer.Contains("-32090", StringComparison.Ordinal)
                            && outcome.Answer.Contains("refused by audit: rules: rule", StringComparison.Ordinal),
                        $"{outcome}"
                    );
                    break;
            }
        }

        Assert.DoesNotContain(server.Journal, call => call.Contains("refused", StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyList<CallOutcome>> RunAllAsync(
        params Task<IReadOnlyList<CallOutcome>>[] clients
    ) => [.. (await Task.WhenAll(clients)).SelectMany(outcomes => outcomes)];

    private static string Repeated(CallOutcome outcome, ToolCall call, Func<string, string>? said = null)
    {
        string text = string.Concat(Enumerable.Repeat($"{call.Argument} of {outcome.Session}", call.Repeat));
        return CallOutcome.DigestOf(said is null ? text : said(text));
    }
}
