using Ocx.Audit.Wire;
using Ocx.Gate.Counts;
using Ocx.NodeProgram;

namespace Ocx.Gate;

/// <summary>What <c>/metrics</c> shows. See docs/gate.md.</summary>
/// <param name="totals">What the workers have counted.</param>
/// <param name="isAuditorUp">Is there an auditor that answers?</param>
/// <param name="asked">Calls that the auditor was asked about and that are not over.</param>
/// <param name="lost">Packets for which a queue had no room.</param>
/// <param name="unsent">Packets of the gate's own that could not be sent.</param>
internal sealed class GateMetrics(
    GateTotals totals,
    Func<bool> isAuditorUp,
    Func<int> asked,
    Func<long> lost,
    Func<long> unsent
)
{
    private static readonly string s_build = new Labels()
        .Add("version", ProgramVersion.Of(typeof(GateMetrics).Assembly))
        .ToString();

    /// <summary>The counts as they are now.</summary>
    public void Render(MetricsText text) =>
        text.Gauge("ocx_gate_build_info", "The gate's version.", 1, s_build)
            .Gauge("process_resident_memory_bytes", "Resident memory.", Environment.WorkingSet)
            .Gauge("ocx_gate_auditor_up", "1 while there is an auditor that answers.", isAuditorUp() ? 1 : 0)
            .Gauge("ocx_gate_holding", "Calls that wait now, or whose results do.", totals.Holding)
            .Gauge("ocx_gate_asked", "Calls that the auditor was asked about and that are not over.", asked())
            .Counter(
                "ocx_gate_calls",
                "Audited calls that are decided, by what was held of them and how they ended.",
                Calls()
            )
            .Counter("ocx_gate_expired_calls", "Those whose deadline came.", (ulong)totals.Expired)
            .Histogram("ocx_gate_hold", "How long calls and results were held.", [(new(), totals.Held)])
            .Histogram(
                "ocx_gate_after_verdict",
                "From a verdict's arrival to the end of its hold.",
                [(new(), totals.AfterVerdict)]
            )
            .Counter(
                "ocx_gate_failures",
                "What could not be held or decided, and what the failure policy made of it.",
                Failures()
            )
            .Counter("ocx_gate_packets", "Packets that the queues brought.", Packets())
            .Counter(
                "ocx_gate_faults",
                "Faults of the gate's own with a packet or a verdict, each of which cost one connection.",
                (ulong)totals.Faults
            )
            .Counter("ocx_gate_lost_packets", "Packets for which a queue had no room.", (ulong)lost())
            .Counter("ocx_gate_unsent_packets", "Packets of the gate's own that could not be sent.", (ulong)unsent());

    private IEnumerable<(string Labels, ulong Value)> Calls() =>
        from held in Enum.GetValues<GateHeld>()
        from end in Enum.GetValues<GateEnd>()
        where end != GateEnd.Unspecified
        select ($"{{held=\"{Name(held)}\",end=\"{Name(end)}\"}}", (ulong)totals.Calls(held, end));

    private IEnumerable<(string Labels, ulong Value)> Failures() =>
        from failure in Enum.GetValues<GateFailure>()
        where failure != GateFailure.Unspecified
        from outcome in new[]
        {
            (Name: "opened", Value: totals.Opened(failure)),
            (Name: "closed", Value: totals.Closed(failure)),
        }
        select ($"{{reason=\"{Name(failure)}\",outcome=\"{outcome.Name}\"}}", (ulong)outcome.Value);

    private IEnumerable<(string Labels, ulong Value)> Packets() =>
        Enum.GetValues<PacketFate>().Select(fate => ($"{{fate=\"{Name(fate)}\"}}", (ulong)totals.Packets(fate)));

    private static string Name(GateHeld held) =>
        held switch
        {
            GateHeld.Call => "call",
            GateHeld.Result => "result",
            _ => "nothing",
        };

    private static string Name(GateEnd end) =>
        end switch
        {
            GateEnd.Released => "released",
            GateEnd.Refused => "refused",
            GateEnd.Closed => "closed",
            _ => "gone",
        };

    private static string Name(GateFailure failure) =>
        failure switch
        {
            GateFailure.NoAuditor => "no_auditor",
            GateFailure.QueueFull => "queue_full",
            GateFailure.Unreadable => "unreadable",
            GateFailure.TooLarge => "too_large",
            GateFailure.JoinedMidway => "joined_midway",
            GateFailure.Unfinished => "unfinished",
            _ => "expired",
        };

    private static string Name(PacketFate fate) =>
        fate switch
        {
            PacketFate.Held => "held",
            PacketFate.Dropped => "dropped",
            PacketFate.Rewritten => "rewritten",
            _ => "passed",
        };
}
