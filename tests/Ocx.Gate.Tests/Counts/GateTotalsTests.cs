using Ocx.Audit.Wire;
using Ocx.Gate.Counts;

namespace Ocx.Gate.Tests.Counts;

public class GateTotalsTests
{
    [Fact]
    public void Counts_of_all_workers_are_added_up()
    {
        var totals = new GateTotals();
        WorkerCounts one = totals.Add(),
            two = totals.Add();
        one.Packet(PacketFate.Passed);
        two.Packet(PacketFate.Passed);
        two.Packet(PacketFate.Held);
        one.HoldBegan("a");
        two.HoldBegan("a");
        two.HoldBegan("b");
        two.HoldEnded("b");
        two.CallEnded("b", Ended(GateHeld.Call, GateEnd.Refused, heldNs: 30_000_000), expired: false);
        one.CallEnded("a", Ended(GateHeld.Result, GateEnd.Released, GateFailure.Expired), expired: true);
        one.CallEnded("a", Ended(GateHeld.Nothing, GateEnd.Released), expired: false);
        one.Failed("a", GateFailure.Unreadable, passed: false);
        one.Failed("a", GateFailure.Unreadable, passed: false);

        Assert.Equal(
            (2, 1, 0),
            (totals.Packets(0), totals.Packets(PacketFate.Held), totals.Packets(PacketFate.Dropped))
        );
        Assert.Equal((2, 1), (totals.Holding, totals.Expired));
        Assert.Equal(1, totals.Calls(GateHeld.Call, GateEnd.Refused));
        Assert.Equal(1, totals.Calls(GateHeld.Result, GateEnd.Released));
        Assert.Equal(1, totals.Calls(GateHeld.Nothing, GateEnd.Released));
        Assert.Equal((1, 0), (totals.Opened(GateFailure.Expired), totals.Closed(GateFailure.Expired)));
        Assert.Equal((0, 2), (totals.Opened(GateFailure.Unreadable), totals.Closed(GateFailure.Unreadable)));
        Assert.Equal((2ul, 0.03), (Count(totals.Held.Counts), totals.Held.Sum));
        Assert.Equal(1ul, Count(totals.AfterVerdict.Counts)); // the one that a verdict ended

        GateCounts told = totals.ToMessage();
        Assert.Equal(["a", "b"], told.Audits.Select(audit => audit.Audit));
        Assert.Equal([2ul, 0ul], told.Audits.Select(audit => audit.Holding));
        Assert.Equal(
            [(GateFailure.Unreadable, 0ul, 2ul), (GateFailure.Expired, 1ul, 0ul)],
            told.Audits[0].Failures.Select(failure => (failure.Failure, failure.Opened, failure.Closed))
        );
        Assert.Empty(told.Audits[1].Failures);
    }

    [Fact]
    public void What_a_worker_counted_stays_when_it_ends_and_it_holds_nothing_any_more()
    {
        var totals = new GateTotals();
        for (int life = 0; life < 3; life++)
        {
            WorkerCounts worker = totals.Add();
            worker.Packet(PacketFate.Rewritten);
            worker.HoldBegan("a");
            worker.CallEnded("a", Ended(GateHeld.Call, GateEnd.Gone, heldNs: 1_000_000_000), expired: true);
            worker.Failed("a", GateFailure.TooLarge, passed: true);
            totals.Keep(worker);
            totals.Keep(worker);
        }

        Assert.Equal((3, 0, 3), (totals.Packets(PacketFate.Rewritten), totals.Holding, totals.Expired));
        Assert.Equal((3, 3), (totals.Calls(GateHeld.Call, GateEnd.Gone), totals.Opened(GateFailure.TooLarge)));
        Assert.Equal(3, totals.Held.Sum);
    }

    [Fact]
    public void What_no_audit_is_named_for_is_counted_but_not_told_of()
    {
        var totals = new GateTotals();
        totals.Add().Failed(string.Empty, GateFailure.NoAuditor, passed: true);
        Assert.Equal(1, totals.Opened(GateFailure.NoAuditor));
        Assert.Empty(totals.ToMessage().Audits);
    }

    [Fact]
    public void Ever_new_names_of_audits_do_not_make_it_grow()
    {
        var totals = new GateTotals();
        WorkerCounts counts = totals.Add();
        for (int i = 0; i < 10_000; i++)
        {
            counts.Failed($"audit-{i}", GateFailure.QueueFull, passed: false);
        }

        Assert.InRange(counts.Audits.Count(), 4096, 4097);
        Assert.Equal(10_000, totals.Closed(GateFailure.QueueFull));
    }

    [Fact]
    public void Every_value_of_the_contract_has_its_place()
    {
        Assert.Equal(AuditTally.Helds, Enum.GetValues<GateHeld>().Length);
        Assert.Equal(AuditTally.Ends, Enum.GetValues<GateEnd>().Length);
        Assert.Equal(AuditTally.Failures, Enum.GetValues<GateFailure>().Length);
        Assert.Equal(WorkerCounts.Fates, Enum.GetValues<PacketFate>().Length);
    }

    private static GateEnded Ended(
        GateHeld held,
        GateEnd end,
        GateFailure failure = GateFailure.Unspecified,
        ulong heldNs = 0
    ) =>
        new()
        {
            Held = held,
            End = end,
            Failure = failure,
            HeldNs = heldNs,
        };

    private static ulong Count(ReadOnlySpan<ulong> counts)
    {
        ulong sum = 0;
        foreach (ulong count in counts)
        {
            sum += count;
        }

        return sum;
    }
}
