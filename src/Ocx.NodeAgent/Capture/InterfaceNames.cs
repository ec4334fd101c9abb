using System.Globalization;
using Ocx.Bpf;

namespace Ocx.NodeAgent.Capture;

/// <summary>
/// Names of interfaces by index, as of the last change. Written by the thread that watches the interfaces, read by any.
/// </summary>
internal sealed class InterfaceNames
{
    /// <summary>
    /// How many interfaces that are gone are remembered at most; on a node where pods come and go there is no end of
    /// them.
    /// </summary>
    public const int MaxGone = 1024;

    /// <summary>
    /// How long a name whose interface is gone stays known: its last segments may still be in the ring.
    /// </summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromMinutes(1);

    private readonly Func<IReadOnlyDictionary<int, string>> _list;
    private readonly TimeProvider _clock;
    private volatile Dictionary<int, Known> _names = [];

    /// <summary>Reads the names of this network namespace.</summary>
    public InterfaceNames()
        : this(LinkTable.List, TimeProvider.System) { }

    internal InterfaceNames(Func<IReadOnlyDictionary<int, string>> list, TimeProvider clock)
    {
        _list = list;
        _clock = clock;
        Refresh();
    }

    /// <summary>How many are known.</summary>
    public int Count => _names.Count;

    /// <summary>The name, or <c>if</c> and the index for an interface that was too short-lived to be seen.</summary>
    public string this[int index] =>
        _names.TryGetValue(index, out Known known)
            ? known.Name
            : string.Create(CultureInfo.InvariantCulture, $"if{index}");

    /// <summary>Reads the names anew.</summary>
    public void Refresh()
    {
        long now = _clock.GetTimestamp();
        IReadOnlyDictionary<int, string> present = _list();
        var names = new Dictionary<int, Known>(_names.Count + 1);
        foreach ((int index, Known known) in _names)
        {
            long goneAt = known.GoneAt ?? now;
            if (!present.ContainsKey(index) && _clock.GetElapsedTime(goneAt, now) < Remembered)
            {
                names[index] = known with { GoneAt = goneAt };
            }
        }
        if (names.Count > MaxGone)
        {
            // Half of them, so that this is not done at each change.
            names = names.OrderByDescending(gone => gone.Value.GoneAt).Take(MaxGone / 2).ToDictionary();
        }
        foreach ((int index, string name) in present)
        {
            names[index] = new Known(name, null);
        }
        _names = names;
    }

    private readonly record struct Known(string Name, long? GoneAt);
}
