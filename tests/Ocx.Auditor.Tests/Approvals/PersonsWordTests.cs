using Ocx.Audit.Approvals;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Auditor.Approvals;

namespace Ocx.Auditor.Tests.Approvals;

/// <summary>A person's word decides the call that it was given for, once, and no other.</summary>
public sealed class PersonsWordTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ocx-approvals-").FullName;
    private readonly Clock _clock = new();
    private readonly ApprovalFile _approvals;
    private readonly PersonsWord _person;

    public PersonsWordTests()
    {
        _approvals = ApprovalFile.Open(Path.Combine(_folder, "approvals.db"), _clock);
        _person = new PersonsWord(_approvals, _clock);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _approvals.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_held_call_asks_once_and_the_next_equal_one_is_released_by_the_answer()
    {
        LedgerEntry first = await ApplyAsync(HeldCall.Entry("call-1"));
        LedgerEntry second = await ApplyAsync(HeldCall.Entry("call-2"));
        Approval pending = Assert.Single(await _approvals.ListAsync(Cancellation));
        Assert.Equal("call-1", pending.Call);
        Assert.All([first, second], entry => Assert.Equal(Outcome.Held, entry.Verdict.Outcome));
        Assert.StartsWith($"approval {pending.Id} waits for a person; rules: ", first.Verdict.Reason);

        await _approvals.DecideAsync(pending.Id, ApprovalDecision.Approve, "root (uid 0)", "asked Ann", Cancellation);
        LedgerEntry released = await ApplyAsync(HeldCall.Entry("call-3"));
        Assert.Equal(Outcome.Released, released.Verdict.Outcome);
        Assert.Equal(["rules", "somebody"], released.Verdict.Votes.Select(vote => vote.Juror));
        Assert.Equal(
            new Vote(
                Ballot.Release,
                $"approved by root (uid 0) at 2026-11-27T12:00:00Z (approval {pending.Id}): asked Ann"
            ),
            released.Verdict.Votes[1].Vote
        );

        LedgerEntry fourth = await ApplyAsync(HeldCall.Entry("call-4"));
        Assert.Equal(Outcome.Held, fourth.Verdict.Outcome);
        Assert.Equal(2, (await _approvals.ListAsync(Cancellation)).Count);
    }

    [Fact]
    public async Task A_call_that_comes_again_is_told_the_same_and_uses_nothing_up()
    {
        string id = await AskedAsync();
        await _approvals.DecideAsync(id, ApprovalDecision.Approve, "root", "", Cancellation);
        Assert.Equal(Outcome.Released, (await ApplyAsync(HeldCall.Entry("call-2"))).Verdict.Outcome);
        Assert.Equal(Outcome.Released, (await ApplyAsync(HeldCall.Entry("call-2"))).Verdict.Outcome);
        Assert.Single(await _approvals.ListAsync(Cancellation));
    }

    [Fact]
    public async Task Of_many_equal_calls_at_once_one_is_released()
    {
        string id = await AskedAsync();
        await _approvals.DecideAsync(id, ApprovalDecision.Approve, "root", "", Cancellation);
        LedgerEntry[] entries = await Task.WhenAll(
            Enumerable.Range(2, 20).Select(call => ApplyAsync(HeldCall.Entry($"call-{call}")))
        );
        Assert.Single(entries, entry => entry.Verdict.Outcome == Outcome.Released);
        Assert.Equal(2, (await _approvals.ListAsync(Cancellation)).Count);
    }

    [Fact]
    public async Task A_refusal_refuses_until_it_expires_and_can_be_changed_until_then()
    {
        string id = await AskedAsync();
        await _approvals.DecideAsync(id, ApprovalDecision.Refuse, "root", "no", Cancellation);
        Assert.Equal(Outcome.Refused, (await ApplyAsync(HeldCall.Entry("call-2"))).Verdict.Outcome);
        Assert.Equal(Outcome.Refused, (await ApplyAsync(HeldCall.Entry("call-3"))).Verdict.Outcome);
        await _approvals.DecideAsync(id, ApprovalDecision.Approve, "root", "after all", Cancellation);
        Assert.Equal(Outcome.Released, (await ApplyAsync(HeldCall.Entry("call-4"))).Verdict.Outcome);

        string other = await AskedAsync("call-5");
        await _approvals.DecideAsync(other, ApprovalDecision.Refuse, "root", "no", Cancellation);
        _clock.Now += HeldCall.Rules.Expires;
        Assert.Equal(Outcome.Held, (await ApplyAsync(HeldCall.Entry("call-6"))).Verdict.Outcome);
    }

    [Fact]
    public async Task What_has_expired_or_was_used_cannot_be_decided()
    {
        string id = await AskedAsync();
        _clock.Now += HeldCall.Rules.Expires;
        Approval? late = await _approvals.DecideAsync(id, ApprovalDecision.Approve, "root", "", Cancellation);
        Assert.Equal((null, ApprovalState.Expired), (late!.Decision, late.State(_clock.Now)));
        Assert.Equal(Outcome.Held, (await ApplyAsync(HeldCall.Entry("call-2"))).Verdict.Outcome);
        Assert.Null(await _approvals.DecideAsync("none", ApprovalDecision.Approve, "root", "", Cancellation));

        Approval next = (await _approvals.ListAsync(Cancellation))[^1];
        await _approvals.DecideAsync(next.Id, ApprovalDecision.Approve, "root", "", Cancellation);
        await ApplyAsync(HeldCall.Entry("call-3"));
        Approval? used = await _approvals.DecideAsync(next.Id, ApprovalDecision.Refuse, "root", "", Cancellation);
        Assert.Equal((ApprovalDecision.Approve, ApprovalState.Used), (used!.Decision, used.State(_clock.Now)));
    }

    [Fact]
    public async Task Another_call_is_not_released_by_it()
    {
        string id = await AskedAsync();
        await _approvals.DecideAsync(id, ApprovalDecision.Approve, "root", "", Cancellation);
        LedgerEntry plain = HeldCall.Entry("other");
        LedgerEntry[] others =
        [
            HeldCall.Entry("other", audit: "returns"),
            plain with
            {
                Audit = plain.Audit with { Generation = 4 },
            },
            plain with
            {
                Audit = plain.Audit with { Namespace = "elsewhere" },
            },
            HeldCall.Entry("other", intent => intent with { Tool = "delete_order" }),
            HeldCall.Entry("other", intent => intent with { Method = "prompts/get" }),
            HeldCall.Entry("other", intent => intent with { ArgumentsDigest = new string('b', 64) }),
            HeldCall.Entry("other", intent => intent with { Client = new Party { Address = "10.0.0.9:40000" } }),
            HeldCall.Entry(
                "other",
                intent =>
                    intent with
                    {
                        Client = new Party { Address = "10.0.0.1:40000", Via = "10.0.0.7:1" },
                    }
            ),
            HeldCall.Entry(
                "other",
                intent =>
                    intent with
                    {
                        Client = new Party
                        {
                            Address = "10.0.0.1:40000",
                            Namespace = "shop",
                            Pod = "web-1",
                        },
                    }
            ),
            HeldCall.Entry("other", intent => intent with { Server = new Party { Address = "10.0.0.2:8081" } }),
        ];
        foreach (LedgerEntry other in others)
        {
            Assert.Equal(Outcome.Held, (await ApplyAsync(other)).Verdict.Outcome);
        }

        PersonRules changed = HeldCall.Rules with { Policy = "another" };
        Assert.Equal(Outcome.Held, (await _person.ApplyAsync(changed, plain, Cancellation)).Entry.Verdict.Outcome);
        Assert.Equal(others.Length + 2, (await _approvals.ListAsync(Cancellation)).Count);
        Assert.Equal(Outcome.Released, (await ApplyAsync(plain)).Verdict.Outcome);
    }

    [Fact]
    public async Task The_name_and_the_port_of_a_caller_do_not_matter()
    {
        string id = await AskedAsync();
        await _approvals.DecideAsync(id, ApprovalDecision.Approve, "root", "", Cancellation);
        LedgerEntry same = HeldCall.Entry(
            "call-2",
            intent =>
                intent with
                {
                    Client = new Party { Address = "10.0.0.1:50000", Name = "another" },
                }
        );
        Assert.Equal(Outcome.Released, (await ApplyAsync(same)).Verdict.Outcome);
    }

    [Fact]
    public async Task A_call_without_a_digest_cannot_be_approved_and_says_why()
    {
        LedgerEntry entry = HeldCall.Entry("call-1", intent => intent with { ArgumentsDigest = string.Empty });
        (LedgerEntry held, AskProblem? problem, _) = await _person.ApplyAsync(HeldCall.Rules, entry, Cancellation);
        Assert.Equal((Outcome.Held, AskProblem.NoDigest), (held.Verdict.Outcome, problem));
        Assert.StartsWith("no person can be asked: not all of its arguments were seen; ", held.Verdict.Reason);
        Assert.Empty(await _approvals.ListAsync(Cancellation));
    }

    [Fact]
    public async Task A_caller_an_audit_and_all_can_ask_so_often_and_the_record_says_so()
    {
        for (int call = 0; call < ApprovalLimits.Caller; call++)
        {
            await ApplyAsync(With(call, "10.0.0.1:1"));
        }

        (LedgerEntry held, AskProblem? problem, _) = await _person.ApplyAsync(
            HeldCall.Rules,
            With(ApprovalLimits.Caller, "10.0.0.1:1"),
            Cancellation
        );
        Assert.Equal((Outcome.Held, AskProblem.Full), (held.Verdict.Outcome, problem));
        Assert.Contains("calls of this caller wait already", held.Verdict.Reason, StringComparison.Ordinal);

        int waiting = ApprovalLimits.Caller;
        for (; waiting < ApprovalLimits.Audit; waiting++)
        {
            await ApplyAsync(With(waiting, $"10.0.1.{waiting}:1"));
        }

        held = await ApplyAsync(With(waiting, "10.0.2.1:1"));
        Assert.Contains("calls of this audit wait already", held.Verdict.Reason, StringComparison.Ordinal);
        Assert.Equal(ApprovalLimits.Audit, (await _approvals.ListAsync(Cancellation)).Count);

        // What nobody decided makes room when it expires, and leaves nothing behind.
        _clock.Now += HeldCall.Rules.Expires;
        await ApplyAsync(With(waiting, "10.0.2.1:1"));
        Assert.Single(await _approvals.ListAsync(Cancellation));

        static LedgerEntry With(int call, string client) =>
            HeldCall.Entry(
                $"call-{call}",
                intent =>
                    intent with
                    {
                        ArgumentsDigest = $"{call:x64}",
                        Client = new Party { Address = client },
                    }
            );
    }

    [Theory]
    [InlineData(Outcome.Released)]
    [InlineData(Outcome.Refused)]
    [InlineData(Outcome.Expired)]
    public async Task What_is_not_held_asks_nobody(Outcome outcome)
    {
        LedgerEntry held = HeldCall.Entry("call-1");
        LedgerEntry entry = held with { Verdict = held.Verdict with { Outcome = outcome } };
        Assert.Same(entry, await ApplyAsync(entry));
        Assert.Empty(await _approvals.ListAsync(Cancellation));
    }

    [Fact]
    public async Task What_cannot_be_kept_is_said_and_the_call_stays_held()
    {
        _approvals.Dispose();
        (LedgerEntry held, AskProblem? problem, _) = await _person.ApplyAsync(
            HeldCall.Rules,
            HeldCall.Entry("call-1"),
            Cancellation
        );
        Assert.Equal((Outcome.Held, AskProblem.NotKept), (held.Verdict.Outcome, problem));
    }

    [Fact]
    public async Task What_is_kept_is_plain_bounded_and_survives_a_restart()
    {
        LedgerEntry hostile = HeldCall.Entry(
            "call-1",
            intent =>
                intent with
                {
                    Tool = "x\u001b[2J\n" + new string('é', 5000),
                    Arguments = System.Text.Encoding.UTF8.GetBytes($"\"{new string('y', 100_000)}\""),
                }
        );
        await ApplyAsync(hostile);
        await _approvals.DecideAsync(
            Assert.Single(await _approvals.ListAsync(Cancellation)).Id,
            ApprovalDecision.Refuse,
            "root",
            "\u202e" + new string('n', 5000),
            Cancellation
        );
        Approval before = Assert.Single(await _approvals.ListAsync(Cancellation));
        _approvals.Dispose();
        using var again = ApprovalFile.Open(Path.Combine(_folder, "approvals.db"), _clock);
        Approval after = Assert.Single(await again.ListAsync(Cancellation));
        Assert.Equal(before, after);
        Assert.StartsWith("x\\u{1b}[2J\\n", after.Tool, StringComparison.Ordinal);
        Assert.InRange(after.Tool.Length, 1, 256);
        Assert.Equal(Approval.LongestArguments, after.Arguments.Length);
        Assert.Equal((Approval.LongestWord, '…'), (after.Reason.Length, after.Reason[^1]));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite,
            File.GetUnixFileMode(Path.Combine(_folder, "approvals.db"))
        );
    }

    private async Task<LedgerEntry> ApplyAsync(LedgerEntry entry) =>
        (await _person.ApplyAsync(HeldCall.Rules, entry, Cancellation)).Entry;

    private async Task<string> AskedAsync(string call = "call-1")
    {
        await ApplyAsync(HeldCall.Entry(call));
        return (await _approvals.ListAsync(Cancellation)).Single(one => one.Call == call).Id;
    }
}
