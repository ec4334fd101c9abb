using Ocx.Audit.Intents;

namespace Ocx.Audit.Jury;

/// <summary>
/// Asks all jurors at once, and has the verdict as soon as it is decided. No juror can delay or change a verdict after
/// its time: not one that throws, hangs, ignores its cancellation, blocks its thread, comes late or votes nonsense.
/// </summary>
public sealed class JuryPanel
{
    private readonly int[] _underWay;

    /// <summary>A jury by these rules.</summary>
    /// <exception cref="ArgumentException">The rules cannot be kept; the message says why.</exception>
    public JuryPanel(JuryRules rules, TimeProvider time)
    {
        rules.Check();
        Rules = rules with { Seats = [.. rules.Seats] };
        Time = time;
        _underWay = new int[Rules.Seats.Count];
    }

    /// <summary>What it goes by.</summary>
    public JuryRules Rules { get; }

    internal TimeProvider Time { get; }

    /// <summary>
    /// The verdict on a call, at the deadline at the latest. Jurors who are still at it then, or when the others have
    /// decided, are told by their token and waited for no longer.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was cancelled before there was a verdict.</exception>
    public Task<Verdict> JudgeAsync(Intent intent, CancellationToken cancellation = default) =>
        JudgeAsync(intent, null, cancellation);

    /// <summary>
    /// The same on a call that is rehearsed: the rehearsal runs beside the jurors who need none of its evidence.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was cancelled before there was a verdict.</exception>
    public Task<Verdict> JudgeAsync(
        Intent intent,
        CallRehearsal? rehearsal,
        CancellationToken cancellation = default
    ) => new Deliberation(this, intent, rehearsal).RunAsync(cancellation);

    /// <summary>How many calls of a juror, by its place, are under way.</summary>
    internal int UnderWay(int seat) => Volatile.Read(ref _underWay[seat]);

    internal bool TryEnter(int seat)
    {
        if (Interlocked.Increment(ref _underWay[seat]) <= Rules.Seats[seat].MaxUnderWay)
        {
            return true;
        }

        Leave(seat);
        return false;
    }

    internal void Leave(int seat) => Interlocked.Decrement(ref _underWay[seat]);
}
