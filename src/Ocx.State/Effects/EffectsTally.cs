using Ocx.Audit.Rehearsals;

namespace Ocx.State.Effects;

/// <summary>Counts what happened, and keeps the first changes.</summary>
/// <param name="mostChanges">How many changes it keeps.</param>
internal sealed class EffectsTally(int mostChanges)
{
    private readonly List<StateChange> _changes = [];

    /// <summary>True when another change would be kept.</summary>
    public bool HasRoom => _changes.Count < mostChanges;

    /// <summary>The changes that are kept.</summary>
    public IReadOnlyList<StateChange> Changes => _changes;

    /// <summary>True when a change was not kept.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Keeps a change if there is room.</summary>
    public void Add(StateChange change)
    {
        if (HasRoom)
        {
            _changes.Add(change);
        }
        else
        {
            IsCut = true;
        }
    }

    /// <summary>Notes a change that is counted, and not kept.</summary>
    public void Cut() => IsCut = true;
}
