using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Gate;

/// <summary>
/// Clients of both SDKs, at each revision and in each way that a server answers, get what the auditor says, and a
/// refused call never reaches the server.
/// </summary>
public sealed class RevisionTests : KernelTest
{
    private static readonly string[] s_ofCSharp =
    [
        "2024-11-05/sse",
        "2025-03-26/",
        "2025-06-18/",
        "2025-11-25/",
        "2026-07-28/",
    ];

    private static readonly string[] s_ofTypeScript =
    [
        "2024-11-05/sse",
        "2025-03-26/json",
        "2025-03-26/stream",
        "2025-06-18/json",
        "2025-06-18/stream",
        "2025-11-25/json",
        "2025-11-25/stream",
        "2026-07-28/modern/json",
        "2026-07-28/modern/stream",
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Calls_are_released_refused_withheld_and_approved(bool isTypeScript)
    {
        string[] sessions = SessionsOf(isTypeScript);
        using var server = new GatedServer(isTypeScript: isTypeScript);
        using GateProcess gate = server.StartGate();
        Task<IReadOnlyList<CallOutcome>> running = GatedClients.RunAsync(
            server,
            sessions,
            new("echo", "hello"),
            new("delete_orders", "refused"),
            new("delete_orders", "ann"),
            new("echo", $"withheld {new string('.', 500)}"),
            new("delete_orders", "asked"),
            new("echo", "goodbye")
        );
        IReadOnlyList<string> asked = server.AwaitPending(2 * sessions.Length);
        Assert.DoesNotContain(server.Journal, call => call.Contains("asked", StringComparison.Ordinal));
        Assert.All(asked, id => server.Auditor.Audit("approve", id));

        IReadOnlyList<CallOutcome> outcomes = await running;
        Assert.Equal(6 * 2 * sessions.Length, outcomes.Count);
        Assert.All(outcomes, AssertAsDecided);
        Assert.Equal(
            sessions
                .SelectMany(spoken => new[] { $"C# {spoken}", $"TypeScript {spoken}" })
                .SelectMany(session =>
                    new[]
                    {
                        $"delete_orders ann of {session}",
                        $"delete_orders asked of {session}",
                        $"echo goodbye of {session}",
                        $"echo hello of {session}",
                        "echo " + $"withheld {new string('.', 500)}"[..100],
                    }
                )
                .Order(StringComparer.Ordinal),
            server.Journal.Order(StringComparer.Ordinal)
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Calls_and_results_that_nobody_approves_expire(bool isTypeScript)
    {
        string[] sessions = SessionsOf(isTypeScript);
        using var server = new GatedServer(maxHold: "5s", isTypeScript: isTypeScript);
        using GateProcess gate = server.StartGate();
        // A caller may have 20 calls wait for a person.
        ToolCall[] calls =
        [
            new("delete_orders", "asked"),
            new("echo", $"asked {new string('.', 500)}"),
            new("echo", "goodbye"),
        ];
        IReadOnlyList<CallOutcome> outcomes = isTypeScript
            ? await GatedClients.RunTypeScriptAsync(server, sessions, calls)
            : await GatedClients.RunCSharpAsync(server, sessions, calls);
        Assert.Equal(calls.Length * sessions.Length, outcomes.Count);
        Assert.All(
            outcomes,
            outcome =>
            {
                if (outcome.Call == "echo goodbye")
                {
                    AssertAsDecided(outcome);
                    return;
                }

                AssertError(outcome, outcome.Call.StartsWith("echo", StringComparison.Ordinal), string.Empty);
                Assert.Matches("nobody decided in time|approv", outcome.Answer);
            }
        );
        Assert.DoesNotContain(server.Journal, call => call.StartsWith("delete_orders", StringComparison.Ordinal));
    }

    private static string[] SessionsOf(bool isTypeScript) => isTypeScript ? s_ofTypeScript : s_ofCSharp;

    private static void AssertAsDecided(CallOutcome outcome)
    {
        switch (outcome.Call)
        {
            case "delete_orders refused":
                AssertError(outcome, withheld: false, "rules: rule 'no-deletes': deletes 5000 rows");
                break;
            case var call when call.StartsWith("echo withheld", StringComparison.Ordinal):
                AssertError(outcome, withheld: true, "rules: rule 'secrets': it is a secret");
                break;
            case var call when call.StartsWith("delete_orders", StringComparison.Ordinal):
                Assert.Equal(
                    $"no orders of {call["delete_orders ".Length..]} of {outcome.Session} are left",
                    outcome.Answer
                );
                break;
            default:
                Assert.Equal($"{outcome.Call["echo ".Length..]} of {outcome.Session}", outcome.Answer);
                break;
        }
    }

    // Clients of 2024-11-05 read no answers to their POSTs: they tell its text.
    private static void AssertError(CallOutcome outcome, bool withheld, string reason)
    {
        bool isOfPost = !withheld && outcome.Session.Contains("2024-11-05", StringComparison.Ordinal);
        Assert.True(
            isOfPost
                ? outcome.Answer.Contains("\"code\":-32090", StringComparison.Ordinal)
                : outcome.Answer.StartsWith("-32090 ", StringComparison.Ordinal),
            $"{outcome}"
        );
        Assert.True(
            outcome.Answer.Contains(
                withheld ? "result withheld by audit" : "refused by audit",
                StringComparison.Ordinal
            ) && outcome.Answer.Contains(reason, StringComparison.Ordinal),
            $"{outcome}"
        );
    }
}
