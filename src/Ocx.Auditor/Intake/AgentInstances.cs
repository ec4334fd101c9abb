using Ocx.Audit.Wire;
using Ocx.Auditor.Deciding;

namespace Ocx.Auditor.Intake;

/// <summary>
/// The agents' lives that were heard of, each with what it said is lost: its counts are of its whole life, which has
/// several streams. The one unheard of the longest is forgotten. For any thread.
/// </summary>
internal sealed class AgentInstances(AuditorMetrics metrics)
{
    /// <summary>How many are known at once.</summary>
    public const int Most = 4096;

    private readonly RecentInstances<AgentInstance> _known = new(
        Most,
        (name, node) => new AgentInstance(name, node, metrics)
    );

    /// <summary>One, as its stream opens.</summary>
    /// <param name="name">What its keys begin with.</param>
    /// <param name="node">The node that it is told from: of the same name another node has another instance.</param>
    public AgentInstance Open(string name, string node) => _known.Open(name, node);
}

/// <summary>One life of an agent.</summary>
/// <param name="name">What its keys begin with.</param>
/// <param name="node">Its node.</param>
/// <param name="metrics">Counts what it lost.</param>
internal sealed class AgentInstance(string name, string node, AuditorMetrics metrics)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<LostReason, double> _lost = [];

    /// <summary>What its keys begin with.</summary>
    public string Name => name;

    /// <summary>Its node.</summary>
    public string Node => node;

    /// <summary>Counts what was not counted yet. What comes again, or late, changes nothing.</summary>
    public void Note(Lost lost)
    {
        lock (_lock)
        {
            foreach (LostCount count in lost.Counts)
            {
                LostReason reason = count.Reason == LostReason.Full ? LostReason.Full : LostReason.Refused;
                double messages = (double)count.Opened + count.Answering + count.Closed,
                    before = _lost.GetValueOrDefault(reason);
                if (messages > before)
                {
                    _lost[reason] = messages;
                    metrics.Lost(reason == LostReason.Full ? "full" : "refused", messages - before);
                }
            }
        }
    }
}
