using Grpc.Core;
using Microsoft.Extensions.Logging;
using Ocx.Audit.Wire;
using Ocx.Gate.Asking;

namespace Ocx.Gate.Tests.Asking;

/// <summary>
/// A link and real gRPC servers that are there, away, restarted, hostile, or refuse: each question gets one answer, and
/// nothing that the auditor says is taken beyond its bounds.
/// </summary>
public sealed class GateLinkTests : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("ocx-gate-").FullName;
    private readonly Bench _bench = new();
    private readonly Lines _log = new();
    private readonly AuditorMailbox _mailbox = new(HoldRules.None);
    private readonly CancellationTokenSource _stop = new();
    private GateLink _link = null!;
    private Task _running = Task.CompletedTask;

    private string Socket => Path.Combine(_folder, "auditor.sock");

    public ValueTask InitializeAsync()
    {
        _link = new GateLink(
            new() { Address = "unix:" + Socket },
            new()
            {
                Version = "1.2.3",
                Node = "node-1",
                Instance = "00000000000000aa",
            },
            _mailbox,
            _log
        );
        _running = Task.Run(() => _link.RunAsync(_stop.Token));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        _mailbox.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task It_says_who_it_is_takes_rules_and_brings_verdicts_to_who_asked()
    {
        _bench.Manner = message =>
            message.Opened is { } opened
                ? new()
                {
                    Verdict = new()
                    {
                        Key = opened.Key,
                        Code = -32090,
                        Reason = "no",
                    },
                }
                : null;
        await using RunningJudge judge = await RunningJudge.StartAsync(Socket, _bench);
        using WorkerInbox worker = _mailbox.Join(() => { });
        await UntilAsync(() => worker.IsAuditorUp);
        GateHello hello = Assert.Single(_bench.Hellos);
        Assert.Equal(("1.2.3", "node-1", "00000000000000aa"), (hello.Version, hello.Node, hello.Instance));
        Assert.Equal("tools/careful", worker.Rules.On(8080)!.First.Name);
        Assert.True(_link.HasRules);

        Assert.True(worker.Ask(Asked.Open(1)));
        GateAnswer answer = await AnswerAsync(worker);
        Assert.Equal((Asked.Key(1), false, "no"), (answer.Key, answer.Verdict!.Release, answer.Verdict.Reason));
        worker.Tell(Asked.End(1, GateEnd.Refused));
        await UntilAsync(() => _bench.Messages.Any(message => message.Ended?.End == GateEnd.Refused));
        Assert.Equal(0, _mailbox.Waiting);
    }

    [Fact]
    public async Task What_is_asked_while_the_auditor_is_away_or_killed_is_answered_once_it_is_back()
    {
        using WorkerInbox worker = _mailbox.Join(() => { });
        Assert.True(worker.Ask(Asked.Open(1)));
        await UntilAsync(() => _log.Any("is not there and is tried again"));
        await using (await RunningJudge.StartAsync(Socket, _bench))
        {
            await UntilAsync(() => _bench.Asked.Any());
            Assert.True(worker.Ask(Asked.Open(2)));
            await UntilAsync(() => _bench.Asked.Count() == 2);
        }

        await UntilAsync(() => !worker.IsAuditorUp);
        _bench.Manner = ReleaseAll;
        await using RunningJudge again = await RunningJudge.StartAsync(Socket, _bench);
        Assert.Equal(Asked.Key(1), (await AnswerAsync(worker)).Key);
        Assert.Equal(Asked.Key(2), (await AnswerAsync(worker)).Key);
        Assert.Equal([Asked.Key(1), Asked.Key(2), Asked.Key(1), Asked.Key(2)], _bench.Asked);
        Assert.False(worker.TryTake(out _));
    }

    [Fact]
    public async Task Rules_that_change_are_taken_and_hostile_ones_refused_as_a_whole()
    {
        await using RunningJudge judge = await RunningJudge.StartAsync(Socket, _bench);
        using WorkerInbox worker = _mailbox.Join(() => { });
        await UntilAsync(() => worker.IsAuditorUp);
        GateAudit hostile = Asked.Audit("ns/hostile\nforged", 9090);
        _bench.Unasked.Enqueue(new() { Rules = new() { Audits = { Asked.Audit("ns/right", 7070), hostile } } });
        await UntilAsync(() => _log.Any("The auditor's rules are not valid"));
        Assert.Equal<ushort>([8080], worker.Rules.Ports);

        _bench.Unasked.Enqueue(new() { Rules = new() { Audits = { Asked.Audit("ns/right", 7070) } } });
        await UntilAsync(() => worker.Rules.On(7070) is not null);
        Assert.Equal<ushort>([7070], worker.Rules.Ports);
        Assert.True(worker.IsAuditorUp);
    }

    [Fact]
    public async Task An_auditor_that_does_not_begin_with_rules_is_none()
    {
        _bench.First = new()
        {
            Verdict = new() { Key = Asked.Key(1), Release = true },
        };
        await using RunningJudge judge = await RunningJudge.StartAsync(Socket, _bench);
        using WorkerInbox worker = _mailbox.Join(() => { });
        Assert.True(worker.Ask(Asked.Open(1)));
        await UntilAsync(() => _log.Any("it did not begin with rules"));
        Assert.False(worker.IsAuditorUp);
        Assert.False(worker.TryTake(out _));
    }

    [Fact]
    public async Task Verdicts_for_what_nobody_asked_are_nobodys_and_texts_are_bounded()
    {
        _bench.Manner = message => Verdict(message, reason: new string('r', 100_000), token: new string('t', 513));
        await using RunningJudge judge = await RunningJudge.StartAsync(Socket, _bench);
        using WorkerInbox worker = _mailbox.Join(() => { });
        _bench.Unasked.Enqueue(new() { Verdict = Asked.Release(7) });
        Assert.True(worker.Ask(Asked.Open(1)));
        GateVerdict verdict = (await AnswerAsync(worker)).Verdict!;
        Assert.Equal(Asked.Key(1), verdict.Key);
        Assert.Equal(1024, System.Text.Encoding.UTF8.GetByteCount(verdict.Reason));
        Assert.Empty(verdict.RevertToken);
        Assert.False(worker.TryTake(out _));
    }

    [Fact]
    public async Task A_question_that_the_auditor_does_not_take_is_given_up_and_the_others_are_answered()
    {
        _bench.Manner = message =>
            message.Opened?.Key == Asked.Key(2)
                ? throw new RpcException(new Status(StatusCode.InvalidArgument, "a bound is passed"))
            : message.Opened?.Key == Asked.Key(4) ? ReleaseAll(message)
            : null;
        await using RunningJudge judge = await RunningJudge.StartAsync(Socket, _bench);
        using WorkerInbox worker = _mailbox.Join(() => { });
        foreach (int call in Enumerable.Range(1, 4))
        {
            Assert.True(worker.Ask(Asked.Open(call)));
        }

        GateAnswer refused = await AnswerAsync(worker);
        Assert.Equal((Asked.Key(2), null), (refused.Key, refused.Verdict));
        Assert.True(_log.Any("does not take the question about a call"));
        Assert.Equal(Asked.Key(4), (await AnswerAsync(worker)).Key);
        Assert.False(worker.TryTake(out _));
    }

    [Fact]
    public async Task What_is_told_at_last_is_sent_before_the_end()
    {
        _bench.Manner = ReleaseAll;
        await using RunningJudge judge = await RunningJudge.StartAsync(Socket, _bench);
        using WorkerInbox worker = _mailbox.Join(() => { });
        await UntilAsync(() => worker.IsAuditorUp);
        for (int call = 0; call < 101; call++)
        {
            Assert.True(worker.Ask(Asked.Open(call)));
            await AnswerAsync(worker);
            worker.Tell(Asked.End(call));
        }

        await _mailbox.WhenSent().WaitAsync(s_patience, TestContext.Current.CancellationToken);
        await UntilAsync(() => _bench.Messages.Count(message => message.Ended is not null) == 101);
    }

    private static GateOrder? ReleaseAll(GateMessage message) => Verdict(message, reason: "", token: "");

    private static GateOrder? Verdict(GateMessage message, string reason, string token) =>
        message.Opened is not { } opened
            ? null
            : new()
            {
                Verdict = new()
                {
                    Key = opened.Key,
                    Release = true,
                    Reason = reason,
                    RevertToken = token,
                },
            };

    private static async Task<GateAnswer> AnswerAsync(WorkerInbox worker)
    {
        GateAnswer answer = default;
        await UntilAsync(() => worker.TryTake(out answer));
        return answer;
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(s_patience);
        while (!holds())
        {
            await Task.Delay(10, patience.Token);
        }
    }

    private sealed class Lines : ILogger
    {
        private readonly List<string> _lines = [];

        public bool Any(string text)
        {
            lock (_lines)
            {
                return _lines.Exists(line => line.Contains(text, StringComparison.Ordinal));
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            lock (_lines)
            {
                _lines.Add(formatter(state, exception));
            }
        }
    }
}
