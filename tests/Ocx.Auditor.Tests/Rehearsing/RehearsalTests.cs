using System.Text;
using Ocx.Api;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Audit.Rehearsals;
using Ocx.Auditor.Audits;
using Ocx.Auditor.Tests.Pods;
using static Ocx.Auditor.Tests.Rehearsing.RehearsedAudit;

namespace Ocx.Auditor.Tests.Rehearsing;

/// <summary>A call is rehearsed exactly as it was sent, or not at all, and the jury sees what it did.</summary>
public sealed class RehearsalTests
{
    [Fact]
    public async Task A_call_that_would_delete_too_much_is_refused_with_the_number()
    {
        var shadows = new TestShadows(TestShadows.Full);
        using ActiveAudit audit = Active(shadows);
        LedgerEntry entry = await JudgeAsync(audit, Call());
        Assert.Equal(Outcome.Refused, entry.Verdict.Outcome);
        Assert.Equal("rules: rule 'wholesale': too many at once (would delete 5000 rows)", entry.Verdict.Reason);
        Assert.Equal((5000, RehearsalOutcome.Answered), (entry.Rehearsal!.State!.RowsDeleted, entry.Rehearsal.Outcome));
        Assert.Equal(1, audit.Rehearsal!.Total);
        Assert.Empty(audit.Rehearsal.Failures);
    }

    [Fact]
    public async Task A_shadow_gets_what_was_sent_and_jurors_what_is_masked()
    {
        var shadows = new TestShadows(TestShadows.Full);
        using ActiveAudit audit = Active(shadows);
        LedgerEntry entry = await JudgeAsync(audit, Call());
        Assert.Equal("""{"email":"ada@example.com"}""", Encoding.UTF8.GetString(shadows.Last.Arguments.Span));
        Assert.Equal(("delete_orders", "2025-06-18"), (shadows.Last.Tool, shadows.Last.ProtocolVersion));
        Assert.Equal("""{"email":"[redacted]"}""", Encoding.UTF8.GetString(entry.Intent.Arguments.Span));
    }

    [Fact]
    public async Task What_a_shadow_did_is_masked_by_the_rules_for_arguments()
    {
        using ActiveAudit audit = Active(new TestShadows(TestShadows.Full));
        RehearsalEvidence evidence = (await JudgeAsync(audit, Call())).Verdict.Evidence!;
        StateChange change = evidence.Effects.State![0].Changes[0];
        Assert.Equal(
            [
                new StateField("id", "7"),
                new StateField("password", "[redacted]"),
                new StateField("email", "[redacted]"),
                new StateField("card", "[redacted]"),
            ],
            change.Old!.Take(4)
        );
        Assert.DoesNotContain("sesame", change.Old![4].Value, StringComparison.Ordinal); // JSON in a column
        Assert.Contains("dark", change.Old[4].Value, StringComparison.Ordinal);
        Assert.Equal(new StateField("deleted", null), change.Old[5]);
        Assert.Equal([new StateField("id", "8")], change.New!);
        Assert.Equal(["/tmp/[redacted].csv"], evidence.Effects.Files!.Created);
        Assert.Equal("""{"content":[],"email":"[redacted]"}""", evidence.Result!.Value.GetRawText());
    }

    [Fact]
    public async Task Arguments_that_an_agent_masked_are_not_sent_in_that_form()
    {
        var shadows = new TestShadows(TestShadows.Full);
        using ActiveAudit audit = Active(shadows);
        Intent sent = Call(arguments: """{"token":"sesame"}""");
        LedgerEntry entry = await JudgeAsync(
            audit,
            sent with
            {
                Arguments = """{"token":"[redacted]"}"""u8.ToArray(),
                CredentialInArguments = true,
            }
        );
        Assert.Equal(0, shadows.Calls);
        Assert.Equal((Outcome.Held, "arguments not exact"), (entry.Verdict.Outcome, entry.Rehearsal()!.Failure));
        Assert.Equal(("arguments not exact", 1), Assert.Single(audit.Rehearsal!.Failures));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("""{ "b": 1.0, "a": [] }""", true)] // the digest is that of the canonical form
    [InlineData("""{"a":1,"a":2}""", false)]
    public async Task Only_arguments_with_one_reading_are_sent(string arguments, bool rehearsed)
    {
        var shadows = new TestShadows(TestShadows.Full);
        using ActiveAudit audit = Active(shadows);
        Intent call = rehearsed
            ? Call(arguments: arguments)
            : Call() with
            {
                Arguments = Encoding.UTF8.GetBytes(arguments),
            };
        await JudgeAsync(audit, call);
        Assert.Equal(rehearsed ? 1 : 0, shadows.Calls);
    }

    [Theory]
    [InlineData(false, true, "arguments not exact")]
    [InlineData(true, false, "no tool call")]
    public async Task What_cannot_be_sent_is_not_rehearsed(bool complete, bool tool, string failure)
    {
        var shadows = new TestShadows(TestShadows.Full);
        using ActiveAudit audit = Active(shadows);
        Intent call = Call() with { ArgumentsComplete = complete, Method = tool ? "tools/call" : "prompts/get" };
        LedgerEntry entry = await JudgeAsync(audit, call);
        Assert.Equal((0, failure), (shadows.Calls, entry.Rehearsal!.Failure));
    }

    [Fact]
    public async Task Calls_that_can_be_taken_back_are_not_rehearsed_unless_the_audit_says_so()
    {
        var shadows = new TestShadows(TestShadows.Full);
        using ActiveAudit audit = Active(shadows);
        LedgerEntry entry = await JudgeAsync(audit, Call("get_orders"));
        Assert.Equal((0, Outcome.Released), (shadows.Calls, entry.Verdict.Outcome));
        Assert.Null(entry.Rehearsal);
        Assert.Null(entry.Rehearsal());

        using ActiveAudit all = Active(shadows, Spec(spec => spec.Classes = ["Reversible", "Irreversible"]));
        Assert.Equal(Outcome.Refused, (await JudgeAsync(all, Call("get_orders"))).Verdict.Outcome);
    }

    [Fact]
    public async Task Only_the_tools_that_the_audit_names_are_rehearsed()
    {
        var shadows = new TestShadows(TestShadows.Full);
        using ActiveAudit audit = Active(shadows, Spec(spec => spec.Tools = ["delete_*"]));
        Assert.Null((await JudgeAsync(audit, Call("drop_table"))).Rehearsal);
        Assert.NotNull((await JudgeAsync(audit, Call())).Rehearsal);
    }

    [Theory]
    [InlineData("Hold", Outcome.Held)]
    [InlineData("Refuse", Outcome.Refused)]
    [InlineData("Abstain", Outcome.Released)]
    public async Task Where_nobody_rehearses_each_rehearsal_fails(string onFailure, Outcome outcome)
    {
        using ActiveAudit audit = Active(null, Spec(spec => spec.OnFailure = onFailure, "call.tool == 'x'"));
        LedgerEntry entry = await JudgeAsync(audit, Call());
        Assert.Equal((outcome, "not carried out here"), (entry.Verdict.Outcome, entry.Rehearsal()!.Failure));
    }

    [Fact]
    public async Task A_shadow_that_hangs_is_cut_off_at_three_quarters_of_the_jurys_time()
    {
        var cancelled = new TaskCompletionSource();
        var shadows = new TestShadows(
            async (_, token) =>
            {
                try
                {
                    await Task.Delay(Timeout.Infinite, token);
                }
                finally
                {
                    cancelled.SetResult();
                }

                return TestShadows.Full;
            }
        );
        V1Alpha1McpAudit spec = Spec();
        spec.Spec.Jury!.Deadline = "400ms";
        var time = new SteppedTime();
        using ActiveAudit audit = Active(shadows, spec, time);
        Task<LedgerEntry> judging = JudgeAsync(audit, Call());
        await Wait.UntilAsync(() => shadows.Calls == 1, TestContext.Current.CancellationToken);
        time.Step(TimeSpan.FromMilliseconds(299));
        Assert.False(cancelled.Task.IsCompleted);
        time.Step(TimeSpan.FromMilliseconds(1));
        LedgerEntry entry = await judging;
        await cancelled.Task;
        Assert.Equal((Outcome.Held, "timeout"), (entry.Verdict.Outcome, entry.Rehearsal()!.Failure));
        Assert.Equal(RehearsalOutcome.TimedOut, entry.Rehearsal!.Outcome);
    }

    [Fact]
    public async Task No_more_than_64_calls_wait_for_shadows()
    {
        var going = new TaskCompletionSource<RehearsalEvidence>();
        var shadows = new TestShadows((_, _) => going.Task);
        V1Alpha1McpAudit spec = Spec();
        spec.Spec.Jury!.Deadline = "1m";
        spec.Spec.Rehearsal!.Timeout = "1m";
        using ActiveAudit audit = Active(shadows, spec);
        Task<LedgerEntry>[] many = [.. Enumerable.Range(0, 64).Select(_ => JudgeAsync(audit, Call()))];
        await Wait.UntilAsync(() => shadows.Calls == 64, TestContext.Current.CancellationToken);
        Assert.Equal(RehearsalFailure.Busy, (await JudgeAsync(audit, Call())).Rehearsal!.Failure);
        going.SetResult(TestShadows.Full);
        Assert.All(await Task.WhenAll(many), entry => Assert.Null(entry.Rehearsal!.Failure));
    }

    [Fact]
    public void Shadows_go_with_the_last_call_of_their_audit()
    {
        var shadows = new TestShadows(TestShadows.Full);
        ActiveAudit audit = Active(shadows);
        Assert.True(audit.TryBegin());
        audit.Dispose();
        Assert.False(shadows.IsDisposed);
        audit.End();
        Assert.True(shadows.IsDisposed);
    }

    [Fact]
    public void An_audit_that_cannot_be_used_starts_no_shadow()
    {
        bool isMade = false;
        V1Alpha1McpAudit spec = Spec(when: "effects.stat.rows > 1");
        var builder = new AuditBuilder(
            TimeProvider.System,
            _ => null!,
            shadows: _ =>
            {
                isMade = true;
                return new TestShadows(TestShadows.Full);
            }
        );
        Assert.Null(builder.Build(spec));
        Assert.False(isMade);
        Assert.Contains("'effects' has no field 'stat'", Assert.Single(builder.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_on_effects_needs_a_rehearsal()
    {
        V1Alpha1McpAudit spec = Spec();
        spec.Spec.Rehearsal = null;
        var builder = new AuditBuilder(TimeProvider.System, _ => null!);
        Assert.Null(builder.Build(spec));
        Assert.Contains("can never match", Assert.Single(builder.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_nobody_rehearses_that_is_said_of_a_file()
    {
        var builder = new AuditBuilder(TimeProvider.System, _ => null!);
        using ActiveAudit? audit = builder.Build(Spec());
        Assert.Contains("no call is rehearsed here", Assert.Single(builder.Warnings), StringComparison.Ordinal);
    }
}
