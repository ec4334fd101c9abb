using System.Diagnostics;
using System.Text.Json;
using Ocx.Audit.Rehearsals;
using Ocx.Sandbox.Failures;
using Ocx.Sandbox.Sandboxes;
using Ocx.Sandbox.Tests.Harness;

namespace Ocx.Sandbox.Tests;

/// <summary>Servers that do what they should not: each rehearsal has its end, and nothing of it is left.</summary>
public sealed class HostileTests(Machine machine) : IDisposable
{
    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(2);

    public void Dispose() => Assert.Equal(Left.Nothing, Left.In(machine.State));

    [Fact]
    public async Task One_that_eats_memory_is_out_of_it()
    {
        RehearsalEvidence evidence = await machine.CallAsync(
            Machine.Hostile with
            {
                Limits = Machine.Hostile.Limits with { Memory = 224L << 20 },
            },
            "memory"
        );
        Assert.Equal(RehearsalOutcome.OutOfMemory, evidence.Outcome);
        Assert.False(evidence.IsWhole);
    }

    [Theory]
    [InlineData("sleep")]
    [InlineData("spin")]
    public async Task One_that_never_answers_is_timed_out(string tool)
    {
        long start = Stopwatch.GetTimestamp();
        RehearsalEvidence evidence = await machine.CallAsync(Machine.Hostile, tool, timeout: s_short);
        Assert.Equal(RehearsalOutcome.TimedOut, evidence.Outcome);
        Assert.Equal(SandboxFailures.NoAnswer, evidence.Failure);
        Assert.InRange(evidence.Took, s_short * 0.9, s_short * 3);
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60)); // its start may take half of it
    }

    [Fact]
    public async Task One_that_forks_has_so_many_processes_and_no_more()
    {
        await using ShadowServer server = await machine.Sandboxes.StartAsync(
            Machine.Hostile,
            cancellation: TestContext.Current.CancellationToken
        );
        int most = 0;
        Task<RehearsalEvidence> call = server.CallAsync(
            new SandboxCall
            {
                Tool = "fork",
                Arguments = JsonElement.Parse("{}"),
                Timeout = TimeSpan.FromSeconds(4),
            },
            TestContext.Current.CancellationToken
        );
        while (!call.IsCompleted)
        {
            most = Math.Max(most, Left.ProcessesOf(machine.State).Count());
            await Task.WhenAny(call, Task.Delay(200, TestContext.Current.CancellationToken));
        }

        Assert.False((await call).IsWhole);
        Assert.InRange(most, 3, Machine.Hostile.Limits.Tasks);
    }

    [Fact]
    public async Task One_that_floods_its_output_is_not_listened_to()
    {
        long before = GC.GetTotalAllocatedBytes();
        RehearsalEvidence evidence = await machine.CallAsync(Machine.Hostile, "flood");
        Assert.Equal("flooded", Machine.TextOf(evidence));
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 32L << 20);
    }

    [Fact]
    public async Task One_that_ends_has_died()
    {
        RehearsalEvidence evidence = await machine.CallAsync(Machine.Hostile, "exit");
        Assert.Equal(RehearsalOutcome.Died, evidence.Outcome);
        Assert.Equal(SandboxFailures.Ended, evidence.Failure);
    }

    [Fact]
    public async Task A_result_that_is_too_large_is_not_kept()
    {
        RehearsalEvidence evidence = await machine.CallAsync(Machine.Hostile, "large", """{"bytes":1000000}""");
        Assert.Equal(RehearsalOutcome.Answered, evidence.Outcome);
        Assert.Null(evidence.Result);
    }

    [Theory]
    [InlineData("endless")]
    [InlineData("garbage")]
    public async Task An_answer_without_an_end_or_a_sense_is_none(string tool)
    {
        RehearsalEvidence evidence = await machine.CallAsync(Machine.Hostile, tool, timeout: TimeSpan.FromSeconds(8));
        Assert.Contains(evidence.Outcome, (RehearsalOutcome[])[RehearsalOutcome.Died, RehearsalOutcome.TimedOut]);
        Assert.NotNull(evidence.Failure);
        Assert.Null(evidence.Result);
    }

    [Fact]
    public async Task Programs_are_told_without_their_arguments()
    {
        RehearsalEvidence evidence = await machine.CallAsync(
            Machine.Hostile,
            "run",
            """{"program":"/bin/echo","args":["secret"]}"""
        );
        Assert.Equal("secret\n", Machine.TextOf(evidence));
        string program = Assert.Single(evidence.Effects.Processes!.Started);
        Assert.EndsWith("/bin/echo", program, StringComparison.Ordinal);
        Assert.False(evidence.Effects.Processes.IsCut);
    }

    [Fact]
    public async Task It_has_no_rights_and_none_of_the_auditors_variables()
    {
        Environment.SetEnvironmentVariable("OCX_SECRET", "secret");
        JsonElement who = JsonElement.Parse(
            Machine.TextOf(
                await machine.CallAsync(
                    Machine.Hostile with
                    {
                        Environment = new Dictionary<string, string> { ["GIVEN"] = "1" },
                    },
                    "whoami"
                )
            )
        );
        Assert.Equal(65534, who.GetProperty("uid").GetInt32());
        Assert.Equal(0, Convert.ToInt64(who.GetProperty("caps").GetString(), 16));
        Assert.Equal(
            ["GIVEN", "HOME", "PATH"],
            who.GetProperty("env").EnumerateObject().Select(variable => variable.Name).Order()
        );
    }

    [Fact]
    public async Task A_call_that_its_caller_gives_up_leaves_nothing()
    {
        using var stop = new CancellationTokenSource();
        await using ShadowServer server = await machine.Sandboxes.StartAsync(
            Machine.Hostile,
            cancellation: TestContext.Current.CancellationToken
        );
        Assert.NotEqual(Left.Nothing, Left.In(machine.State));
        Task call = server.CallAsync(
            new SandboxCall { Tool = "sleep", Arguments = JsonElement.Parse("{}") },
            stop.Token
        );
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Empty(Left.ProcessesOf(machine.State));
        await server.DisposeAsync();
        Assert.Equal(Left.Nothing, Left.In(machine.State));
    }
}
