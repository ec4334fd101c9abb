using Ocx.Audit.Intents;
using Ocx.Audit.Jury;

namespace Ocx.Auditor.Jurors;

/// <summary>Leaves each call to a person. While nothing is held, its vote says that the call would wait.</summary>
/// <param name="name">Its name in the audit.</param>
public sealed class PersonJuror(string name) : IJuror
{
    private static readonly Vote s_hold = new(Ballot.Hold, "a person has to decide");

    /// <inheritdoc/>
    public string Name => name;

    /// <summary>A person is asked when there is all to look at.</summary>
    public bool WantsEvidence => true;

    /// <inheritdoc/>
    public ValueTask<Vote> JudgeAsync(Intent intent, CancellationToken cancellation) => ValueTask.FromResult(s_hold);
}
