using Ocx.Audit.Wire;
using Ocx.Gate.Asking;
using Kind = Ocx.Audit.Wire.GateMessage.BodyOneofCase;

namespace Ocx.Gate.Tests.Asking;

public sealed class AuditorMailboxTests : IDisposable
{
    private readonly AuditorMailbox _mailbox = new(HoldRules.None);
    private int _woken;

    public void Dispose() => _mailbox.Dispose();

    [Fact]
    public void What_is_asked_is_sent_in_its_order_and_the_answer_comes_to_who_asked()
    {
        using WorkerInbox one = Join(),
            other = _mailbox.Join(() => Assert.Fail("it did not ask"));
        Assert.True(one.Ask(Asked.Open(1)));
        Assert.True(one.Ask(Asked.Open(2)));
        Assert.Equal([(Kind.Opened, 1), (Kind.Opened, 2)], Sent());

        Assert.True(_mailbox.Answer(Asked.Key(2), Asked.Release(2), arrivedAt: 7));
        Assert.Equal(1, _woken);
        Assert.False(other.TryTake(out _));
        Assert.True(one.TryTake(out GateAnswer answer));
        Assert.Equal((Asked.Key(2), true, 7L), (answer.Key, answer.Verdict!.Release, answer.ArrivedAt));
        Assert.False(one.TryTake(out _));
    }

    [Fact]
    public void An_answer_counts_once_and_only_to_what_was_asked()
    {
        using WorkerInbox worker = Join();
        Assert.True(worker.Ask(Asked.Open(1)));
        Assert.False(_mailbox.Answer(Asked.Key(1), Asked.Release(1), 0)); // not yet sent
        Sent();
        Assert.False(_mailbox.Answer(Asked.Key(2), Asked.Release(2), 0));
        Assert.True(_mailbox.Answer(Asked.Key(1), Asked.Release(1), 0));
        Assert.False(_mailbox.Answer(Asked.Key(1), Asked.Release(1), 0));
        Assert.True(worker.TryTake(out _));
        Assert.False(worker.TryTake(out _));
    }

    [Fact]
    public void After_a_break_what_has_no_answer_is_asked_again_in_its_order()
    {
        using WorkerInbox worker = Join();
        foreach (int call in Enumerable.Range(1, 5))
        {
            Assert.True(worker.Ask(Asked.Open(call)));
        }

        Sent();
        _mailbox.Answer(Asked.Key(3), Asked.Release(3), 0);
        _mailbox.Disconnected();
        worker.Tell(Asked.End(4));
        Assert.True(worker.Ask(Asked.Open(6)));
        _mailbox.Connected();
        Assert.Equal([(Kind.Opened, 1), (Kind.Opened, 2), (Kind.Ended, 4), (Kind.Opened, 5), (Kind.Opened, 6)], Sent());
        Assert.Empty(Sent());
    }

    [Fact]
    public void What_ends_before_it_is_sent_is_not_sent_at_all()
    {
        using WorkerInbox worker = Join();
        Assert.True(worker.Ask(Asked.Open(1)));
        worker.Tell(Asked.End(1));
        Assert.Empty(Sent());
        Assert.Equal(0, _mailbox.Waiting);
    }

    [Fact]
    public void What_ends_while_it_waits_to_be_sent_again_is_told_of_once()
    {
        using WorkerInbox worker = Join();
        Assert.True(worker.Ask(Asked.Open(1)));
        Sent();
        _mailbox.Disconnected();
        _mailbox.Connected();
        worker.Tell(Asked.End(1));
        worker.Tell(Asked.End(1));
        Assert.Equal([(Kind.Ended, 1)], Sent());
        Assert.Empty(Sent());
        Assert.False(_mailbox.Answer(Asked.Key(1), Asked.Release(1), 0));
        Assert.Equal(0, _mailbox.Waiting);
    }

    [Fact]
    public void Its_bytes_are_bounded_and_free_again_with_the_answer()
    {
        using WorkerInbox worker = Join();
        int call = 0;
        while (worker.Ask(Asked.Open(++call, arguments: 256 << 10)))
        {
            Assert.True(call * (256L << 10) <= AuditorMailbox.MaxBytes);
        }

        Assert.InRange(call, 40, 64);
        Sent();
        Assert.False(worker.Ask(Asked.Open(call, arguments: 256 << 10)));
        _mailbox.Answer(Asked.Key(1), Asked.Release(1), 0);
        Assert.True(worker.Ask(Asked.Open(call, arguments: 256 << 10)));
    }

    [Fact]
    public void Its_calls_are_bounded_and_free_again_once_their_ends_are_sent()
    {
        using WorkerInbox worker = Join();
        for (int call = 0; call < AuditorMailbox.MaxCalls; call++)
        {
            Assert.True(worker.Ask(Asked.Open(call)));
            _mailbox.Next();
            _mailbox.Answer(Asked.Key(call), Asked.Release(call), 0);
        }

        Assert.False(worker.Ask(Asked.Open(AuditorMailbox.MaxCalls)));
        worker.Tell(Asked.End(0));
        Assert.False(worker.Ask(Asked.Open(AuditorMailbox.MaxCalls)));
        Assert.Equal([(Kind.Ended, 0)], Sent());
        Assert.True(worker.Ask(Asked.Open(AuditorMailbox.MaxCalls)));
    }

    [Fact]
    public void A_worker_that_leaves_is_not_woken_and_what_it_asked_is_forgotten()
    {
        WorkerInbox worker = Join();
        using WorkerInbox other = _mailbox.Join(() => { });
        Assert.True(worker.Ask(Asked.Open(1)));
        Sent();
        Assert.True(worker.Ask(Asked.Open(2)));
        Assert.True(other.Ask(Asked.Open(3)));
        worker.Dispose();
        Assert.False(_mailbox.Answer(Asked.Key(1), Asked.Release(1), 0));
        _mailbox.Deliver(HoldRules.None);
        _mailbox.Connected();
        Assert.Equal(0, _woken);
        Assert.Equal([(Kind.Opened, 3)], Sent());
    }

    [Fact]
    public void New_rules_reach_every_worker_and_who_comes_later()
    {
        using WorkerInbox one = Join(),
            node = _mailbox.Join(() => _woken++, pod => pod.Uid == "uid-b");
        Assert.Null(one.Rules.On(8080));
        GateAudit selecting = Asked.Audit("ns/selects", 9090);
        selecting.Pods.Add(new GatePod { Uid = "uid-b" });
        _mailbox.Deliver(HoldRules.Of(new() { Audits = { Asked.Audit(), selecting } }));
        Assert.Equal(2, _woken);
        Assert.Equal<ushort>([8080, 9090], one.Rules.Ports.Order());
        Assert.Equal<ushort>([9090], node.Rules.Ports);
        using WorkerInbox later = _mailbox.Join(() => { }, pod => pod.Uid == "uid-c");
        Assert.Empty(later.Rules.Ports);
    }

    [Fact]
    public void Workers_learn_that_the_auditor_comes_and_goes()
    {
        using WorkerInbox worker = Join();
        Assert.False(worker.IsAuditorUp);
        _mailbox.Disconnected();
        Assert.Equal(0, _woken);
        _mailbox.Connected();
        Assert.True(worker.IsAuditorUp);
        Assert.Equal(1, _woken);
        _mailbox.Disconnected();
        Assert.False(worker.IsAuditorUp);
        Assert.Equal(2, _woken);
    }

    [Fact]
    public void Counts_are_sent_when_they_change_and_after_a_break()
    {
        _mailbox.Connected();
        Assert.Empty(Sent());
        _mailbox.Tell(Counts(1));
        _mailbox.Tell(Counts(2));
        Assert.Equal(2ul, _mailbox.Next()!.Counts.Audits[0].Holding);
        _mailbox.Tell(Counts(2));
        Assert.Null(_mailbox.Next());
        _mailbox.Disconnected();
        _mailbox.Connected();
        Assert.Equal(2ul, _mailbox.Next()!.Counts.Audits[0].Holding);
    }

    [Fact]
    public void Pods_are_told_when_they_change_and_after_a_break_and_to_nobody_who_does_not_ask()
    {
        _mailbox.Connected();
        _mailbox.Tell((GatePods?)null);
        Assert.Null(_mailbox.Next());
        _mailbox.Tell(new GatePods());
        Assert.Empty(_mailbox.Next()!.Pods.Uids);
        _mailbox.Tell(new GatePods { Uids = { "a" } });
        _mailbox.Tell(new GatePods { Uids = { "a", "b" } });
        Assert.Equal(["a", "b"], _mailbox.Next()!.Pods.Uids);
        _mailbox.Tell(new GatePods { Uids = { "a", "b" } });
        Assert.Null(_mailbox.Next());
        _mailbox.Disconnected();
        _mailbox.Connected();
        Assert.Equal(["a", "b"], _mailbox.Next()!.Pods.Uids);
        _mailbox.Tell((GatePods?)null);
        _mailbox.Disconnected();
        _mailbox.Connected();
        Assert.Null(_mailbox.Next());
    }

    [Fact]
    public async Task Many_workers_and_a_link_that_breaks_each_get_their_own_answers_once()
    {
        const int Workers = 8,
            Each = 997;
        using var stop = new CancellationTokenSource();
        Task link = Task.Run(() => Link(stop.Token), TestContext.Current.CancellationToken);
        List<string>[] answers = await Task.WhenAll(
            Enumerable.Range(0, Workers).Select(worker => Task.Run(() => Work(worker * Each, Each)))
        );
        await stop.CancelAsync();
        await link;
        foreach ((int worker, List<string> got) in answers.Index())
        {
            Assert.Equal(Enumerable.Range(worker * Each, Each).Select(Asked.Key), got.Order(StringComparer.Ordinal));
        }

        Sent();
        Assert.Equal(0, _mailbox.Waiting);
    }

    private List<string> Work(int first, int count)
    {
        using var some = new SemaphoreSlim(0);
        using WorkerInbox inbox = _mailbox.Join(() => some.Release());
        var got = new List<string>();
        for (int call = first; call < first + count; call++)
        {
            Assert.True(inbox.Ask(Asked.Open(call)));
        }

        while (got.Count < count)
        {
            Assert.True(some.Wait(TimeSpan.FromSeconds(30), CancellationToken.None));
            while (inbox.TryTake(out GateAnswer answer))
            {
                got.Add(answer.Key);
                inbox.Tell(new() { Key = answer.Key });
            }
        }

        return got;
    }

    private void Link(CancellationToken stop)
    {
        var random = new Random(20);
        _mailbox.Connected();
        while (!stop.IsCancellationRequested)
        {
            if (_mailbox.Next() is not { } message)
            {
                // As a link whose auditor lost what it had read.
                _mailbox.Disconnected();
                _mailbox.Connected();
                Thread.Yield();
            }
            else if (message.Opened is { } opened && random.Next(4) > 0)
            {
                Assert.True(_mailbox.Answer(opened.Key, new() { Key = opened.Key, Release = true }, 0));
            }
        }
    }

    private static GateCounts Counts(ulong holding) =>
        new()
        {
            Audits =
            {
                new GateAuditCounts { Audit = "a", Holding = holding },
            },
        };

    private WorkerInbox Join() => _mailbox.Join(() => _woken++);

    private List<(Kind Kind, int Call)> Sent()
    {
        var sent = new List<(Kind, int)>();
        while (_mailbox.Next() is { } message)
        {
            string key = message.Opened?.Key ?? message.Ended?.Key ?? new string('0', 32);
            sent.Add((message.BodyCase, Convert.ToInt32(key[16..], 16)));
        }

        return sent;
    }
}
