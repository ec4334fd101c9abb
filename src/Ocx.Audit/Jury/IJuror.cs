using Ocx.Audit.Intents;
using Ocx.Audit.Rehearsals;

namespace Ocx.Audit.Jury;

/// <summary>
/// Who votes on calls: rules, signals, a webhook, a model, a person. Called from many threads at once.
/// </summary>
public interface IJuror
{
    /// <summary>Its name in the audit, in votes and in metrics.</summary>
    string Name { get; }

    /// <summary>
    /// Votes. It may throw, or not come back before the token is cancelled: the audit says what that means. A
    /// <see cref="JurorException"/> tells why in words that may stand in the verdict; of any other exception the
    /// verdict has the type alone. It should wait without holding its thread: a verdict does not wait for that thread,
    /// but timers and other jurors share the pool that it is taken from.
    /// </summary>
    ValueTask<Vote> JudgeAsync(Intent intent, CancellationToken cancellation);

    /// <summary>
    /// Does it look at what a rehearsal showed? Then it is asked about a rehearsed call when the rehearsal is over, and
    /// its time begins there.
    /// </summary>
    bool WantsEvidence => false;

    /// <summary>Votes on a call that was rehearsed, or was to be.</summary>
    ValueTask<Vote> JudgeAsync(Intent intent, RehearsalEvidence evidence, CancellationToken cancellation) =>
        JudgeAsync(intent, cancellation);
}
