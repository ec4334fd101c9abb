using Ocx.Audit.Wire;
using Ocx.Gate.Asking;

namespace Ocx.Gate.Holding;

/// <summary>One audited call, from its request to what became of it. Times are monotonic, in nanoseconds.</summary>
/// <param name="key">Names it over all nodes and restarts.</param>
/// <param name="rules">What is held of it.</param>
/// <param name="askedNs">When its request was complete.</param>
internal sealed class GateCall(string key, in CallRules rules, long askedNs)
{
    /// <summary>Names it.</summary>
    public string Key => key;

    /// <summary>What is held of it.</summary>
    public CallRules Rules { get; } = rules;

    /// <summary>Without a verdict by then, the audit says what becomes of it.</summary>
    public long DeadlineNs { get; } = askedNs + (long)rules.MaxHold.TotalNanoseconds;

    /// <summary>The request that makes it.</summary>
    public required Request Request { get; init; }

    /// <summary>What became of it; null while it waits.</summary>
    public GateVerdict? Verdict { get; set; }

    /// <summary>When that came, by <see cref="System.Diagnostics.Stopwatch"/>; 0 where it is the gate's own.</summary>
    public long ArrivedAt { get; set; }

    /// <summary>The parser has its end: it is answered, or given up.</summary>
    public bool IsOver { get; set; }

    /// <summary>Why it was not the auditor's verdict.</summary>
    public GateFailure Failure { get; set; }

    /// <summary>When its first byte was held; 0 when none was.</summary>
    public long HeldNs { get; private set; }

    /// <summary>The connection that its request came on.</summary>
    public required GateConnection Connection { get; init; }

    /// <summary>The connection that its answer is held on; null while none is.</summary>
    public GateConnection? AnswerConnection { get; set; }

    /// <summary>It was asked about; else nobody has to be told what became of it.</summary>
    public bool IsAsked { get; set; }

    /// <summary>Its answer was seen, or none will come.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>The auditor knows what became of it.</summary>
    public bool IsTold { get; set; }

    /// <summary>Bytes of it, or of its answer, are held from now on.</summary>
    public void NoteHeld(long now) => HeldNs = HeldNs == 0 ? now : HeldNs;

    /// <summary>It waits for a verdict.</summary>
    public bool IsWaiting => Verdict is null;

    /// <summary>It is refused: neither it nor its result passes.</summary>
    public bool IsRefused => Verdict is { Release: false };
}
