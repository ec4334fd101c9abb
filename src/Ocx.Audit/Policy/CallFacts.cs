using Ocx.Audit.Expressions;
using Ocx.Audit.Intents;
using Ocx.Audit.Rehearsals;

namespace Ocx.Audit.Policy;

/// <summary>
/// What rules look at of one call. Its arguments are read once, when the first rule asks for them. Not for several
/// threads at once.
/// </summary>
public sealed class CallFacts
{
    private CelValue? _arguments;
    private CelValue? _exact;

    /// <summary>The facts of a call.</summary>
    /// <param name="intent">What the call wants.</param>
    /// <param name="evidence">What its rehearsal showed; null of a call that its audit has not rehearsed.</param>
    public CallFacts(Intent intent, RehearsalEvidence? evidence = null)
    {
        Intent = intent;
        Effects = new EffectsValues(evidence);
        Evaluation = new Evaluation(this);
    }

    /// <summary>What the call wants.</summary>
    public Intent Intent { get; }

    internal Evaluation Evaluation { get; }

    internal EffectsValues Effects { get; }

    /// <summary>The same, with an error at the place of what is not as it was sent.</summary>
    internal CelValue ExactArguments => _exact ??= CallArguments.Read(Intent, exact: true);

    internal CelValue Arguments => _arguments ??= CallArguments.Read(Intent);
}
