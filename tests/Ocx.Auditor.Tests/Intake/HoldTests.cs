using Google.Protobuf;
using Grpc.Core;
using Ocx.Audit.Approvals;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Audit.Tokens;
using Ocx.Audit.Wire;
using Ocx.Auditor.Audits;
using Ocx.Ledger;

namespace Ocx.Auditor.Tests.Intake;

/// <summary>What a gate holds is decided once, and its verdict comes when the record is in the ledger.</summary>
public sealed class HoldTests
{
    private static readonly GateTerms s_long = new(TimeSpan.FromSeconds(55), FailsOpen: false),
        s_short = new(TimeSpan.FromSeconds(1), FailsOpen: false);

    private static readonly Vote s_release = new(Ballot.Release, "fine"),
        s_refuse = new(Ballot.Refuse, "deletes 5000 rows"),
        s_hold = new(Ballot.Hold, "look at it");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_gate_has_its_rules_at_once_and_when_they_change()
    {
        await using RunningAuditor auditor = await StartAsync(s_release);
        using GateClient gate = await GateClient.OpenAsync(auditor.Client);
        GateAudit rules = Assert.Single(gate.Rules[0].Audits);
        Assert.Equal(
            ("shop/orders", GateFailurePolicy.Closed, 55_000_000_000UL, false),
            (rules.Audit, rules.FailurePolicy, rules.MaxHoldNs, rules.ReleaseOnDeadline)
        );
        Assert.Equal(["tools/call"], rules.Methods);
        Assert.Equal(("get_*", true), (rules.Classes[0].Tools, rules.Classes[0].Reversible));

        ActiveAudit observes = auditor.Audit("a-observes", null),
            passes = auditor.Audit("z-passes", new GateTerms(TimeSpan.FromSeconds(2), true), Ballot.Release);
        auditor.Audits.Replace([observes, .. auditor.Audits.Current, passes]);
        GateRules changed = await gate.RulesAsync(2);
        Assert.Equal(["shop/orders", "shop/z-passes"], changed.Audits.Select(audit => audit.Audit));
        Assert.Equal(
            (GateFailurePolicy.Open, true),
            (changed.Audits[1].FailurePolicy, changed.Audits[1].ReleaseOnDeadline)
        );
        auditor.Audits.Replace([observes]);
        Assert.Empty((await gate.RulesAsync(3)).Audits);
    }

    [Fact]
    public async Task A_verdict_comes_when_the_record_is_in_the_ledger()
    {
        await using RunningAuditor auditor = await StartAsync(s_release);
        using GateClient gate = await GateClient.OpenAsync(auditor.Client);
        await gate.AskAsync(Call(1));
        GateVerdict verdict = await gate.VerdictAsync(GateClient.Key(1));
        LedgerRecord record = (await auditor.Ledger.Reader.FindAsync(GateClient.Key(1), Cancellation))!;
        Assert.Equal(
            (true, 0, "", "", "", "shop/orders", false),
            (
                verdict.Release,
                verdict.Code,
                verdict.Reason,
                verdict.RevertToken,
                verdict.Approval,
                verdict.Audit,
                verdict.Expired
            )
        );
        Assert.Equal((Outcome.Released, "Enforce"), (record.Entry.Verdict.Outcome, record.Entry.Mode));
        Assert.NotNull(record.Entry.RevertTokenId);
    }

    [Theory]
    [InlineData("delete_orders", false)]
    [InlineData("get_orders", true)] // it has run
    public async Task A_refusal_says_why_and_has_a_token_where_there_is_something_to_take_back(string tool, bool hasRun)
    {
        await using RunningAuditor auditor = await StartAsync(s_refuse);
        using GateClient gate = await GateClient.OpenAsync(auditor.Client);
        await gate.AskAsync(Call(1, opened => opened.Tool = tool));
        GateVerdict verdict = await gate.VerdictAsync(GateClient.Key(1));
        Assert.Equal(
            (false, -32090, "voter: deletes 5000 rows", "shop/orders"),
            (verdict.Release, verdict.Code, verdict.Reason, verdict.Audit)
        );
        LedgerRecord record = (await auditor.Ledger.Reader.FindAsync(GateClient.Key(1), Cancellation))!;
        Assert.Equal(Outcome.Refused, record.Entry.Verdict.Outcome);
        Assert.Equal(hasRun, verdict.RevertToken.Length > 0);
        Assert.Equal(hasRun, record.Entry.RevertTokenId is not null);
        Assert.Equal(
            hasRun,
            RevertToken.TryRead(
                verdict.RevertToken,
                new RevertKeyRing(new byte[RevertKeyRing.MinKeyLength]),
                RevertBinding.Of(record),
                DateTimeOffset.UtcNow,
                out _
            )
        );
    }

    [Theory]
    [InlineData(ApprovalDecision.Approve, true, Outcome.Released)]
    [InlineData(ApprovalDecision.Refuse, false, Outcome.Refused)]
    public async Task A_call_that_waits_for_a_person_has_his_word_within_a_second(
        ApprovalDecision decision,
        bool released,
        Outcome outcome
    )
    {
        await using RunningAuditor auditor = await StartAsync(s_hold);
        using GateClient gate = await GateClient.OpenAsync(auditor.Client);
        TimeSpan took = TimeSpan.MaxValue;
        for (int call = 1; took > TimeSpan.FromSeconds(1); call++)
        {
            Assert.InRange(call, 1, 10); // a busy machine takes longer, and not each time
            byte[] digest = new byte[AuditBounds.Digest];
            digest[0] = (byte)call; // each has a question of its own
            await gate.AskAsync(Call(call, opened => opened.ArgumentsDigest = ByteString.CopyFrom(digest)));
            Approval asked = await PendingAsync(auditor);
            Assert.False(gate.HasVerdict(GateClient.Key(call)));
            Assert.Equal(call - 1, (await auditor.RecordsAsync()).Count);
            long began = TimeProvider.System.GetTimestamp();
            await auditor.Approvals.DecideAsync(asked.Id, decision, "ann", "no", Cancellation);
            GateVerdict verdict = await gate.VerdictAsync(GateClient.Key(call));
            took = TimeProvider.System.GetElapsedTime(began);
            Assert.Equal((released, false, ""), (verdict.Release, verdict.Expired, verdict.Approval));
            IReadOnlyList<LedgerEntry> records = await auditor.RecordsAsync();
            Assert.Equal(call, records.Count);
            LedgerEntry record = records[^1];
            Assert.Equal((outcome, "Enforce"), (record.Verdict.Outcome, record.Mode));
            Assert.Contains(
                released ? "approved by ann" : "refused by ann",
                record.Verdict.Reason,
                StringComparison.Ordinal
            );
        }
    }

    [Theory]
    [InlineData(Ballot.Refuse, false)]
    [InlineData(Ballot.Release, true)]
    public async Task What_nobody_decides_expires_before_the_hold_ends(Ballot onDeadline, bool released)
    {
        await using RunningAuditor auditor = await StartAsync(s_hold);
        auditor.Audits.Replace([auditor.Audit("orders", s_short, onDeadline)]);
        using GateClient gate = await GateClient.OpenAsync(auditor.Client);
        long began = TimeProvider.System.GetTimestamp();
        await gate.AskAsync(Call(1));
        GateVerdict verdict = await gate.VerdictAsync(GateClient.Key(1));
        Assert.True(TimeProvider.System.GetElapsedTime(began) > s_short.MaxHold / 2);
        Approval asked = Assert.Single(await auditor.Approvals.ListAsync(Cancellation));
        Assert.Equal((released, true, released ? "" : asked.Id), (verdict.Release, verdict.Expired, verdict.Approval));
        LedgerEntry record = Assert.Single(await auditor.RecordsAsync());
        Assert.Equal((Outcome.Expired, released), (record.Verdict.Outcome, record.Verdict.Releases));
        Assert.Equal(released, record.RevertTokenId is not null);
        Assert.StartsWith("not decided within 1 s", record.Verdict.Reason, StringComparison.Ordinal);

        // The same again, from the record.
        using GateClient again = await GateClient.OpenAsync(auditor.Client);
        await again.AskAsync(Call(1));
        GateVerdict same = await again.VerdictAsync(GateClient.Key(1));
        Assert.Equal((verdict.Release, verdict.Expired, verdict.Reason), (same.Release, same.Expired, same.Reason));
        Assert.Single(await auditor.RecordsAsync());
    }

    [Fact]
    public async Task One_approval_releases_one_of_two_equal_calls()
    {
        await using RunningAuditor auditor = await StartAsync(s_hold);
        using GateClient gate = await GateClient.OpenAsync(auditor.Client);
        await gate.AskAsync(Call(1));
        await gate.AskAsync(Call(2));
        Approval asked = await PendingAsync(auditor);
        await auditor.Approvals.DecideAsync(asked.Id, ApprovalDecision.Approve, "ann", "", Cancellation);
        await Wait.UntilAsync(
            () => gate.HasVerdict(GateClient.Key(1)) || gate.HasVerdict(GateClient.Key(2)),
            Cancellation
        );
        Approval other = await PendingAsync(auditor); // the other one asks anew
        Assert.NotEqual(asked.Id, other.Id);
        Assert.False(gate.HasVerdict(GateClient.Key(1)) && gate.HasVerdict(GateClient.Key(2)));
        await auditor.Approvals.DecideAsync(other.Id, ApprovalDecision.Refuse, "ann", "", Cancellation);
        bool[] released =
        [
            (await gate.VerdictAsync(GateClient.Key(1))).Release,
            (await gate.VerdictAsync(GateClient.Key(2))).Release,
        ];
        Assert.Equal([false, true], released.Order());
    }

    [Fact]
    public async Task A_call_that_cannot_be_approved_does_not_wait_in_vain()
    {
        await using RunningAuditor auditor = await StartAsync(s_hold);
        using GateClient gate = await GateClient.OpenAsync(auditor.Client);
        await gate.AskAsync(Call(1, opened => opened.ArgumentsDigest = ByteString.Empty));
        GateVerdict verdict = await gate.VerdictAsync(GateClient.Key(1));
        Assert.Equal((false, true), (verdict.Release, verdict.Expired));
        Assert.StartsWith("no person can be asked", verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slow_verdict_delays_no_other()
    {
        var slow = new TaskCompletionSource<Vote>();
        await using RunningAuditor auditor = await RunningAuditor.StartAsync(
            async (intent, _) => intent.Tool == "slow" ? await slow.Task : s_release,
            gate: s_long
        );
        using GateClient gate = await GateClient.OpenAsync(auditor.Client);
        await gate.AskAsync(Call(1, opened => opened.Tool = "slow"));
        for (int call = 2; call < 103; call++)
        {
            await gate.AskAsync(Call(call));
        }

        for (int call = 2; call < 103; call++)
        {
            Assert.True((await gate.VerdictAsync(GateClient.Key(call))).Release);
        }

        Assert.False(gate.HasVerdict(GateClient.Key(1)));
        slow.SetResult(s_refuse);
        Assert.False((await gate.VerdictAsync(GateClient.Key(1))).Release);
    }

    [Fact]
    public async Task A_call_is_judged_once_however_often_its_stream_breaks()
    {
        int asked = 0;
        var vote = new TaskCompletionSource<Vote>();
        await using RunningAuditor auditor = await RunningAuditor.StartAsync(
            async (_, _) =>
            {
                Interlocked.Increment(ref asked);
                return await vote.Task;
            },
            gate: s_long
        );
        using (GateClient gate = await GateClient.OpenAsync(auditor.Client))
        {
            await gate.AskAsync(Call(1));
            await Wait.UntilAsync(() => Volatile.Read(ref asked) == 1, Cancellation);
        }

        using GateClient again = await GateClient.OpenAsync(auditor.Client);
        await again.AskAsync(Call(1));
        await again.AskAsync(Call(2));
        await Wait.UntilAsync(() => Volatile.Read(ref asked) == 2, Cancellation);
        vote.SetResult(s_refuse);
        Assert.False((await again.VerdictAsync(GateClient.Key(1))).Release);
        Assert.False((await again.VerdictAsync(GateClient.Key(2))).Release);
        Assert.Equal((2, 2), (Volatile.Read(ref asked), (await auditor.RecordsAsync()).Count));
    }

    [Fact]
    public async Task An_auditor_that_starts_anew_has_the_verdict_in_its_ledger()
    {
        await using RunningAuditor auditor = await StartAsync(s_refuse);
        GateVerdict first;
        using (GateClient gate = await GateClient.OpenAsync(auditor.Client))
        {
            await gate.AskAsync(Call(1));
            first = await gate.VerdictAsync(GateClient.Key(1));
        }

        await auditor.StopAsync();
        await using RunningAuditor second = await auditor.StartAgainAsync(
            (_, _) => throw new InvalidOperationException("it is judged already"),
            s_long
        );
        using GateClient again = await GateClient.OpenAsync(second.Client);
        await again.AskAsync(Call(1));
        Assert.Equal(first, await again.VerdictAsync(GateClient.Key(1)));
        Assert.Single(await second.RecordsAsync());
    }

    [Fact]
    public async Task What_the_ledger_does_not_take_has_no_verdict()
    {
        await using RunningAuditor auditor = await StartAsync(s_release);
        using GateClient gate = await GateClient.OpenAsync(auditor.Client);
        await auditor.Ledger.DisposeAsync();
        await gate.AskAsync(Call(1));
        Assert.Equal(StatusCode.Unavailable, (await gate.EndedAsync()).StatusCode);
        Assert.False(gate.HasVerdict(GateClient.Key(1)));
    }

    [Fact]
    public async Task A_call_that_is_no_such_audits_is_released_at_once()
    {
        await using RunningAuditor auditor = await StartAsync(s_refuse);
        using GateClient gate = await GateClient.OpenAsync(auditor.Client);
        await gate.AskAsync(Call(1, opened => opened.Method = "prompts/get"));
        GateVerdict verdict = await gate.VerdictAsync(GateClient.Key(1));
        Assert.Equal((true, ""), (verdict.Release, verdict.Audit));
        auditor.Audits.Replace([auditor.Audit("first", null), .. auditor.Audits.Current]);
        await gate.AskAsync(Call(2)); // an audit that observes has it, and agents tell that one
        Assert.True((await gate.VerdictAsync(GateClient.Key(2))).Release);
        Assert.Empty(await auditor.RecordsAsync());
    }

    [Fact]
    public async Task A_call_that_an_agent_tells_of_too_has_one_record()
    {
        await using RunningAuditor auditor = await StartAsync(s_release);
        using AgentStream agent = await AgentStream.OpenAsync(auditor.Client);
        using (GateClient gate = await GateClient.OpenAsync(auditor.Client))
        {
            await agent.SendAsync(1, Told(1));
            await gate.AskAsync(Call(1));
            await gate.VerdictAsync(GateClient.Key(1));
            await agent.AcknowledgedAsync(1);
            LedgerEntry record = Assert.Single(await auditor.RecordsAsync());
            Assert.Equal((GateClient.Key(1), "Enforce"), (record.Intent.Key, record.Mode));
        }

        // Without a gate nothing is held, and the record says so, once the auditor has seen that it is gone.
        ulong sent = 1;
        do
        {
            await agent.SendAsync(++sent, Told((int)sent));
            await agent.AcknowledgedAsync(sent);
        } while ((await auditor.RecordsAsync()).Count == 1);
        LedgerEntry observed = (await auditor.RecordsAsync())[^1];
        Assert.Equal(($"0123456789abcdef{sent:x16}", "Observe"), (observed.Intent.Key, observed.Mode));
    }

    [Fact]
    public async Task A_gate_that_is_back_in_a_moment_was_not_away()
    {
        await using RunningAuditor auditor = await StartAsync(s_release);
        using AgentStream agent = await AgentStream.OpenAsync(auditor.Client);
        (await GateClient.OpenAsync(auditor.Client)).Dispose();
        await agent.SendAsync(1, Told(1));
        using GateClient again = await GateClient.OpenAsync(auditor.Client);
        await agent.AcknowledgedAsync(1);
        Assert.Empty(await auditor.RecordsAsync());
    }

    [Fact]
    public async Task What_the_gate_holds_no_more_uses_up_no_word()
    {
        await using RunningAuditor auditor = await StartAsync(s_hold);
        using GateClient gate = await GateClient.OpenAsync(auditor.Client);
        await gate.AskAsync(Call(1));
        Approval asked = await PendingAsync(auditor);
        await gate.SendAsync(
            new GateMessage
            {
                Ended = new GateEnded { Key = GateClient.Key(1), End = GateEnd.Gone },
            }
        );
        GateVerdict verdict = await gate.VerdictAsync(GateClient.Key(1));
        Assert.Equal((false, true), (verdict.Release, verdict.Expired));
        await auditor.Approvals.DecideAsync(asked.Id, ApprovalDecision.Approve, "ann", "", Cancellation);
        Assert.Null(Assert.Single(await auditor.Approvals.ListAsync(Cancellation)).UsedAt);
        await gate.AskAsync(Call(2));
        Assert.True((await gate.VerdictAsync(GateClient.Key(2))).Release);
    }

    [Fact]
    public async Task What_a_gate_tells_of_its_holds_is_counted_once_and_kept()
    {
        await using RunningAuditor auditor = await StartAsync(s_release);
        for (ulong stream = 1; stream <= 2; stream++)
        {
            using GateClient gate = await GateClient.OpenAsync(auditor.Client);
            for (int call = 0; call < 2; call++)
            {
                string key = GateClient.Key((10 * (int)stream) + call);
                await gate.AskAsync(Call(1, opened => opened.Key = key));
                await gate.VerdictAsync(key);
                GateHeld held = call == 0 ? GateHeld.Call : GateHeld.Nothing;
                var ended = new GateEnded
                {
                    Key = key,
                    Held = held,
                    End = GateEnd.Released,
                    HeldNs = 20_000_000,
                };
                await gate.SendAsync(new GateMessage { Ended = ended });
                await gate.SendAsync(new GateMessage { Ended = ended }); // told twice
            }

            var counts = new GateCounts();
            foreach (string audit in (string[])["shop/orders", "shop/another"])
            {
                var of = new GateAuditCounts { Audit = audit, Holding = 1 };
                of.Failures.Add(
                    new GateFailureCount
                    {
                        Failure = GateFailure.QueueFull,
                        Opened = 3,
                        Closed = stream,
                    }
                );
                counts.Audits.Add(of);
            }

            await gate.SendAsync(new GateMessage { Counts = counts });
            await gate.SendAsync(new GateMessage { Counts = counts });
            await gate.AskAsync(Call(1, opened => opened.Key = GateClient.Key(100 + (int)stream)));
            await gate.VerdictAsync(GateClient.Key(100 + (int)stream)); // all before it is read by now
        }

        AuditTotals? totals = null;
        await Wait.UntilAsync(
            async () =>
                (totals = Assert.Single(await auditor.Ledger.Reader.TotalsAsync(Cancellation))).Failures.Count > 0,
            Cancellation
        );
        await auditor.StopAsync();
        await using RunningAuditor again = await auditor.StartAgainAsync((_, _) => ValueTask.FromResult(s_release));
        totals = Assert.Single(await again.Ledger.Reader.TotalsAsync(Cancellation));
        Assert.Equal(("orders", 2, 6), (totals.Name, totals.Holds, totals.Released));
        Assert.Equal([new HoldFailure("QueueFull", 3, 2)], totals.Failures);
        Assert.InRange(totals.HoldP99.TotalMilliseconds, 14, 29);
    }

    public static TheoryData<string, GateMessage> Wrong =>
        new()
        {
            { "no body", new GateMessage() },
            {
                "key of another",
                new GateMessage { Opened = Call(1, opened => opened.Key = new string('a', 32)) }
            },
            {
                "tool",
                new GateMessage { Opened = Call(1, opened => opened.Tool = new string('x', AuditBounds.Tool + 1)) }
            },
            {
                "digest",
                new GateMessage { Opened = Call(1, opened => opened.ArgumentsDigest = ByteString.CopyFrom(1)) }
            },
            {
                "end of none",
                new GateMessage
                {
                    Ended = new GateEnded { Key = "x", End = GateEnd.Released },
                }
            },
            {
                "unknown end",
                new GateMessage
                {
                    Ended = new GateEnded { Key = GateClient.Key(1), End = (GateEnd)99 },
                }
            },
            { "unknown failure", Counts((GateFailure)99) },
            { "no failure", Counts(GateFailure.Unspecified) },
            {
                "a uid that is too long",
                new GateMessage { Pods = new GatePods { Uids = { new string('a', 65) } } }
            },
            {
                "an empty uid",
                new GateMessage { Pods = new GatePods { Uids = { string.Empty } } }
            },
            {
                "too many pods",
                new GateMessage { Pods = new GatePods { Uids = { Enumerable.Range(0, 4097).Select(n => $"{n}") } } }
            },
            {
                "hello again",
                new GateMessage { Hello = new GateHello { Instance = GateClient.Instance } }
            },
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_does_not_keep_to_its_bounds_ends_the_stream(string what, GateMessage message)
    {
        await using RunningAuditor auditor = await StartAsync(s_release);
        using GateClient gate = await GateClient.OpenAsync(auditor.Client);
        await gate.SendAsync(message);
        Assert.Equal((what, StatusCode.InvalidArgument), (what, (await gate.EndedAsync()).StatusCode));
        Assert.Empty(await auditor.RecordsAsync());
    }

    [Fact]
    public async Task A_gate_says_who_it_is_first()
    {
        await using RunningAuditor auditor = await StartAsync(s_release);
        using GateClient rude = GateClient.Begin(auditor.Client);
        await rude.AskAsync(Call(1));
        Assert.Equal(StatusCode.InvalidArgument, (await rude.EndedAsync()).StatusCode);
        using GateClient nameless = GateClient.Begin(auditor.Client);
        await nameless.SendAsync(new GateMessage { Hello = new GateHello { Instance = "ABC" } });
        Assert.Equal(StatusCode.InvalidArgument, (await nameless.EndedAsync()).StatusCode);
    }

    [Fact]
    public async Task What_jurors_say_is_shown_to_callers_within_bounds()
    {
        await using RunningAuditor auditor = await StartAsync(
            new Vote(Ballot.Refuse, "\u001b[2J\u202e" + new string('語', 2000))
        );
        using GateClient gate = await GateClient.OpenAsync(auditor.Client);
        await gate.AskAsync(Call(1));
        string reason = (await gate.VerdictAsync(GateClient.Key(1))).Reason;
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(reason), 900, AuditBounds.Reason);
        Assert.StartsWith(@"voter: \u{1b}[2J\u{202e}語", reason, StringComparison.Ordinal);
        Assert.EndsWith("…", reason, StringComparison.Ordinal);
    }

    private static GateMessage Counts(GateFailure failure)
    {
        var of = new GateAuditCounts { Audit = "shop/orders" };
        of.Failures.Add(new GateFailureCount { Failure = failure, Opened = 1 });
        var counts = new GateCounts();
        counts.Audits.Add(of);
        return new GateMessage { Counts = counts };
    }

    private static Task<RunningAuditor> StartAsync(Vote vote) =>
        RunningAuditor.StartAsync((_, _) => ValueTask.FromResult(vote), gate: s_long);

    private static async Task<Approval> PendingAsync(RunningAuditor auditor)
    {
        Approval? pending = null;
        await Wait.UntilAsync(
            async () =>
                (
                    pending = (await auditor.Approvals.ListAsync(Cancellation)).SingleOrDefault(one =>
                        one.Decision is null
                    )
                )
                    is not null,
            Cancellation
        );
        return pending!;
    }

    private static AgentMessage Told(int call) =>
        new() { Opened = Call(call, opened => opened.Key = $"0123456789abcdef{call:x16}") };

    private static Opened Call(int call, Action<Opened>? change = null)
    {
        var opened = new Opened
        {
            Key = GateClient.Key(call),
            TimeUnixNs = 1_700_000_000_000_000_000 + call,
            Method = "tools/call",
            Tool = "delete_orders",
            Arguments = ByteString.CopyFromUtf8("{}"),
            ArgumentsComplete = true,
            ArgumentsDigest = ByteString.CopyFrom(new byte[AuditBounds.Digest]),
            Client = new Party { Address = "10.0.0.1:40000" },
            Server = new Party { Address = "10.0.0.2:8080" },
        };
        change?.Invoke(opened);
        return opened;
    }
}
