using Ocx.Audit.Classes;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Auditor.Audits;

namespace Ocx.Auditor.Tests.Audits;

/// <summary>An audit that is replaced ends with its last call.</summary>
public sealed class AuditSetTests
{
    [Fact]
    public void Its_connections_are_closed_with_its_last_call_and_not_before()
    {
        var juror = new Connection();
        ActiveAudit first = Audit(juror),
            second = Audit(new Connection());
        var set = new AuditSet([first]);
        Assert.True(first.TryBegin());
        Assert.True(first.TryBegin());
        set.Replace([second]);
        Assert.Equal([second], set.Current);
        Assert.False(first.TryBegin());
        first.End();
        Assert.Equal(0, juror.Closed);
        first.End();
        Assert.Equal(1, juror.Closed);
        first.Dispose();
        Assert.Equal(1, juror.Closed);
        set.Dispose();
    }

    [Fact]
    public void What_stays_is_not_closed()
    {
        var juror = new Connection();
        ActiveAudit stays = Audit(juror);
        var set = new AuditSet([stays]);
        set.Replace([stays, Audit(new Connection())]);
        Assert.Equal(0, juror.Closed);
        Assert.True(stays.TryBegin());
        stays.End();
        set.Dispose();
        Assert.Equal(1, juror.Closed);
    }

    [Fact]
    public async Task Calls_on_many_threads_never_meet_a_closed_audit()
    {
        var set = new AuditSet([]);
        int calls = 0;
        using var stop = new CancellationTokenSource();
        Task[] callers =
        [
            .. Enumerable
                .Range(0, 4)
                .Select(_ =>
                    Task.Run(() =>
                    {
                        while (!stop.IsCancellationRequested)
                        {
                            ActiveAudit? audit = set.Current is [var first, ..] ? first : null;
                            if (audit?.TryBegin() == true)
                            {
                                Assert.Equal(0, ((Connection)audit.Connections[0]).Closed);
                                Interlocked.Increment(ref calls);
                                audit.End();
                            }
                        }
                    })
                ),
        ];
        var closed = new List<Connection>();
        for (int i = 0; i < 2000 || Volatile.Read(ref calls) < 1000; i++)
        {
            var juror = new Connection();
            closed.Add(juror);
            set.Replace([Audit(juror)]);
        }

        await stop.CancelAsync();
        await Task.WhenAll(callers);
        set.Dispose();
        Assert.All(closed, juror => Assert.Equal(1, juror.Closed));
    }

    private static ActiveAudit Audit(Connection juror) =>
        new(
            new AuditReference("shop", "orders", 1),
            new AuditScope(),
            new Classifier([]),
            new JuryPanel(
                new JuryRules
                {
                    Seats = [new Seat(juror, TimeSpan.FromSeconds(1), Ballot.Hold)],
                    Quorum = Quorum.AnyRefuses,
                    Deadline = TimeSpan.FromSeconds(1),
                    OnDeadline = Ballot.Refuse,
                },
                TimeProvider.System
            )
        )
        {
            Connections = [juror],
        };

    private sealed class Connection : IJuror, IDisposable
    {
        private int _closed;

        public int Closed => Volatile.Read(ref _closed);

        public string Name => "juror";

        public ValueTask<Vote> JudgeAsync(Intent intent, CancellationToken cancellation) =>
            ValueTask.FromResult(new Vote(Ballot.Release, "fine"));

        public void Dispose() => Interlocked.Increment(ref _closed);
    }
}
