using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Rehearsals;
using Ocx.Text;

namespace Ocx.Audit.Policy;

/// <summary>
/// The juror <c>policy</c>. The most severe rule that matches votes, whatever the order in which rules are written; of
/// equally severe ones the first. When none matches it abstains.
/// </summary>
/// <remarks>
/// A rule that cannot be evaluated might have matched. So the juror fails, and the audit's <c>onFailure</c> decides,
/// unless another rule that is at least as severe matches: then the vote is the same either way.
/// </remarks>
public sealed class PolicyJuror : IJuror
{
    private readonly CompiledRule[] _rules;

    internal PolicyJuror(string name, IEnumerable<CompiledRule> rules)
    {
        Name = name;
        _rules = [.. rules.OrderByDescending(rule => rule.Rule.Then)];
        WantsEvidence = _rules.Any(rule => rule.Condition.ReadsEffects);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool WantsEvidence { get; }

    /// <inheritdoc/>
    public ValueTask<Vote> JudgeAsync(Intent intent, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(intent);
        return Judge(new CallFacts(intent), null, cancellation);
    }

    /// <inheritdoc/>
    public ValueTask<Vote> JudgeAsync(Intent intent, RehearsalEvidence evidence, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(intent);
        ArgumentNullException.ThrowIfNull(evidence);
        return Judge(new CallFacts(intent, evidence), evidence, cancellation);
    }

    private ValueTask<Vote> Judge(CallFacts facts, RehearsalEvidence? evidence, CancellationToken cancellation)
    {
        (CompiledRule Rule, string Why)? failed = null;
        foreach (var rule in _rules)
        {
            if (failed is { } before && rule.Rule.Then < before.Rule.Rule.Then)
            {
                break;
            }

            if (cancellation.IsCancellationRequested)
            {
                return ValueTask.FromCanceled<Vote>(cancellation);
            }

            var result = rule.Condition.Evaluate(facts);
            if (result.IsTrue)
            {
                return ValueTask.FromResult(rule.VoteOn(evidence));
            }

            if (result.Failure is not null)
            {
                failed ??= (rule, result.Failure);
            }
        }

        return failed is { } failure
            ? ValueTask.FromException<Vote>(new JurorException($"{failure.Rule.Place}: {failure.Why}"))
            : ValueTask.FromResult(Vote.Abstain);
    }
}

/// <summary>A rule that is ready.</summary>
internal sealed record CompiledRule(PolicyRule Rule, CallCondition Condition)
{
    /// <summary>Names it, in reasons and messages.</summary>
    public string Place { get; } = PlaceOf(Rule);

    /// <summary>The vote of a call that it matches.</summary>
    public Vote Vote { get; } =
        new(
            Rule.Then,
            Rule.Message is null ? $"{PlaceOf(Rule)} matches" : $"{PlaceOf(Rule)}: {WireText.Escape(Rule.Message)}"
        );

    /// <summary>The same; where the rule reads what the call would do, that is in the reason, by numbers.</summary>
    public Vote VoteOn(RehearsalEvidence? evidence) =>
        Condition.ReadsEffects && evidence is not null && RehearsalSummary.Of(evidence).WouldDo() is { } would
            ? Vote with
            {
                Reason = $"{Vote.Reason} ({would})",
            }
            : Vote;

    /// <summary>Names a rule.</summary>
    public static string PlaceOf(PolicyRule rule) => $"rule {WireText.Quote(rule.Name, PolicyCheck.LongestName)}";
}
