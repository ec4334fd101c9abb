using Ocx.Audit.Rehearsals;

namespace Ocx.Sandbox.Events;

/// <summary>What gVisor told between two moments, at most so much of it.</summary>
internal sealed class TraceWindow
{
    private readonly List<string> _programs = [];
    private readonly List<ConnectionTry> _connections = [];
    private bool _areProgramsCut;
    private bool _areConnectionsCut;

    /// <summary>Adds an event. What was told already is not told again.</summary>
    public void Add(TraceEvent traced)
    {
        if (traced.Program is { } program)
        {
            _areProgramsCut |= !Keep(_programs, program, EffectsLimits.Paths);
        }

        if (traced.Connection is { } connection)
        {
            _areConnectionsCut |= !Keep(_connections, connection, EffectsLimits.Connections);
        }
    }

    /// <summary>Something happened of which nothing is known.</summary>
    public void AddUnknown()
    {
        _areProgramsCut = true;
        _areConnectionsCut = true;
    }

    /// <summary>The programs that were started.</summary>
    public ProcessEffects Processes() => new() { Started = [.. _programs], IsCut = _areProgramsCut };

    /// <summary>The connections that were tried.</summary>
    public NetworkEffects Network() => new() { Tried = [.. _connections], IsCut = _areConnectionsCut };

    private static bool Keep<T>(List<T> list, T one, int most)
    {
        if (list.Contains(one))
        {
            return true;
        }

        if (list.Count == most)
        {
            return false;
        }

        list.Add(one);
        return true;
    }
}
