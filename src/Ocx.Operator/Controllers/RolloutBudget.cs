using Ocx.Kube;
using Ocx.Operator.Resources;

namespace Ocx.Operator.Controllers;

/// <summary>
/// How often what agents are told of audits may change: each change rolls a tap's agents out anew, and whoever may
/// write an McpAudit in some namespace would otherwise have all agents restart without end.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class RolloutBudget(TimeProvider time)
{
    /// <summary>The changes that a tap may have at once.</summary>
    public const int AtOnce = 6;

    /// <summary>The time after which it may have one more.</summary>
    public static readonly TimeSpan Refill = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, Given> _given = [];

    /// <summary>What a tap's agents are given now.</summary>
    /// <param name="tap">The tap's name.</param>
    /// <param name="wanted">What the present audits ask for.</param>
    /// <returns>That, or what they were given before while another change is too soon.</returns>
    public AgentAuditing? Of(string tap, AgentAuditing? wanted)
    {
        if (!_given.TryGetValue(tap, out var given))
        {
            // After a restart of the operator it is what the agents have, as a rule.
            given = _given[tap] = new Given(new TokenBucket(AtOnce, Refill, time)) { Auditing = wanted };
        }

        if (given.Auditing != wanted && given.Changes.TryTake())
        {
            given.Auditing = wanted;
        }

        return given.Auditing;
    }

    /// <summary>The tap is gone.</summary>
    public void Forget(string tap) => _given.Remove(tap);

    private sealed class Given(TokenBucket changes)
    {
        public AgentAuditing? Auditing { get; set; }

        public TokenBucket Changes { get; } = changes;
    }
}
