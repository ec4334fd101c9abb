using System.Collections.Concurrent;
using Ocx.Audit.Wire;

namespace Ocx.Gate.Asking;

/// <summary>
/// What one worker and the auditor have to say to each other. One worker's; what comes from elsewhere wakes it. Taking
/// costs no lock.
/// </summary>
internal sealed class WorkerInbox : IDisposable
{
    private readonly AuditorMailbox _mailbox;
    private readonly Action _wake;
    private readonly Func<HeldPod, bool>? _isItsPod;
    private readonly ConcurrentQueue<GateAnswer> _answers = new();
    private volatile ServerRules _rules;

    /// <summary>Made by the mailbox: <see cref="AuditorMailbox.Join"/>.</summary>
    internal WorkerInbox(AuditorMailbox mailbox, Action wake, Func<HeldPod, bool>? isItsPod, HoldRules rules)
    {
        (_mailbox, _wake, _isItsPod) = (mailbox, wake, isItsPod);
        _rules = rules.For(isItsPod);
    }

    /// <summary>What is held now. Another object once it has changed.</summary>
    public ServerRules Rules => _rules;

    /// <summary>Is there an auditor that answers?</summary>
    public bool IsAuditorUp => _mailbox.IsAuditorUp;

    /// <summary>
    /// Asks about a call. It is asked again after each break of the link, until there is an answer. What is asked is
    /// followed by one <see cref="Tell"/>.
    /// </summary>
    /// <returns>False when too much waits already: nobody is asked.</returns>
    public bool Ask(Opened opened) => _mailbox.Ask(opened, this);

    /// <summary>Tells what became of a call that was asked about; no answer comes any more.</summary>
    public void Tell(GateEnded ended) => _mailbox.Tell(ended);

    /// <summary>The next answer to what was asked.</summary>
    public bool TryTake(out GateAnswer answer) => _answers.TryDequeue(out answer);

    /// <summary>The worker is about to end, and is not woken any more once this has returned.</summary>
    public void Quiet() => _mailbox.Quiet(this);

    /// <summary>The worker has ended: what it asked and did not tell of is forgotten.</summary>
    public void Dispose() => _mailbox.Leave(this);

    internal void Put(in GateAnswer answer)
    {
        _answers.Enqueue(answer);
        Wake();
    }

    internal void Put(HoldRules rules)
    {
        _rules = rules.For(_isItsPod);
        Wake();
    }

    // Under the mailbox's lock, as all that comes in.
    internal bool IsQuiet { get; set; }

    internal void Wake()
    {
        if (!IsQuiet)
        {
            _wake();
        }
    }
}

/// <summary>An answer about one call.</summary>
/// <param name="Key">The call.</param>
/// <param name="Verdict">What becomes of it; null when the auditor does not take the question.</param>
/// <param name="ArrivedAt">When it arrived, by <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>.</param>
internal readonly record struct GateAnswer(string Key, GateVerdict? Verdict, long ArrivedAt);
