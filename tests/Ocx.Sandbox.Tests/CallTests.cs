using Ocx.Audit.Rehearsals;
using Ocx.Sandbox.Failures;
using Ocx.Sandbox.Sandboxes;
using Ocx.Sandbox.Tests.Harness;

namespace Ocx.Sandbox.Tests;

/// <summary>Calls of real servers in sandboxes.</summary>
public sealed class CallTests(Machine machine)
{
    [Fact]
    public async Task The_sample_server_answers_as_it_does_outside()
    {
        RehearsalEvidence evidence = await machine.CallAsync(Machine.Sample, "add", """{"a":40,"b":2}""");
        Assert.Equal(RehearsalOutcome.Answered, evidence.Outcome);
        Assert.Equal("42", Machine.TextOf(evidence));
        Assert.Null(evidence.Failure);
        Assert.Empty(evidence.Effects.Files!.Deleted);
        Assert.Empty(evidence.Effects.Processes!.Started);
        Assert.Empty(evidence.Effects.Network!.Tried);
        Assert.Null(evidence.Effects.State);
    }

    [Fact]
    public async Task A_call_is_made_at_its_own_revision()
    {
        RehearsalEvidence evidence = await machine.CallAsync(
            Machine.Sample,
            "echo",
            """{"text":"as before"}""",
            revision: "2025-06-18"
        );
        Assert.Equal("as before", Machine.TextOf(evidence));
    }

    [Fact]
    public async Task A_server_on_standard_streams_answers_too()
    {
        RehearsalEvidence evidence = await machine.CallAsync(Machine.Everything, "echo", """{"message":"hello"}""");
        Assert.Equal(RehearsalOutcome.Answered, evidence.Outcome);
        Assert.Contains("hello", Machine.TextOf(evidence), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fail", RehearsalOutcome.ToolFailed)]
    [InlineData("refuse", RehearsalOutcome.Refused)]
    [InlineData("no_such_tool", RehearsalOutcome.Refused)]
    public async Task An_error_is_evidence(string tool, RehearsalOutcome outcome)
    {
        RehearsalEvidence evidence = await machine.CallAsync(Machine.Hostile, tool);
        Assert.Equal(outcome, evidence.Outcome);
        Assert.True(evidence.IsWhole);
    }

    [Fact]
    public async Task A_sandbox_is_for_one_call()
    {
        await using ShadowServer server = await machine.Sandboxes.StartAsync(
            Machine.Hostile,
            cancellation: TestContext.Current.CancellationToken
        );
        var call = new SandboxCall { Tool = "echo", Arguments = System.Text.Json.JsonElement.Parse("{\"value\":1}") };
        Assert.Equal("1", Machine.TextOf(await server.CallAsync(call, TestContext.Current.CancellationToken)));
        SandboxException again = await Assert.ThrowsAsync<SandboxException>(() =>
            server.CallAsync(call, TestContext.Current.CancellationToken)
        );
        Assert.Equal(SandboxFailures.Used, again.Reason);
    }

    [Fact]
    public async Task A_program_that_ends_at_once_is_told_with_what_it_said()
    {
        SandboxException wrong = await Assert.ThrowsAsync<SandboxException>(() =>
            machine.CallAsync(Machine.Hostile with { Command = ["/bin/sh", "-c", "echo broken; exit 3"] }, "echo")
        );
        Assert.Equal(SandboxFailures.Ended, wrong.Reason);
        Assert.Contains("broken", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up()
    {
        SandboxException wrong = await Assert.ThrowsAsync<SandboxException>(() =>
            machine.CallAsync(
                Machine.Hostile with
                {
                    Command = ["/bin/sleep", "100"],
                    StartTimeout = TimeSpan.FromSeconds(2),
                },
                "echo"
            )
        );
        Assert.Equal(SandboxFailures.NoAnswer, wrong.Reason);
    }
}
