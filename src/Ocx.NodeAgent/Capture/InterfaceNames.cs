using System.Globalization;
using Ocx.Bpf;

namespace Ocx.NodeAgent.Capture;

/// <summary>Names of interfaces by index, as of the last change. Written by the thread that watches the interfaces, read by any.</summary>
internal sealed class InterfaceNames
{
    private volatile IReadOnlyDictionary<int, string> _names = LinkTable.List();

    /// <summary>Reads the names anew. A name whose interface is gone stays known: its last segments may still be in the ring.</summary>
    public void Refresh()
    {
        var names = new Dictionary<int, string>(_names);
        foreach ((int index, string name) in LinkTable.List())
        {
            names[index] = name;
        }
        _names = names;
    }

    /// <summary>The name, or <c>if</c> and the index for an interface that was too short-lived to be seen.</summary>
    public string this[int index] => _names.TryGetValue(index, out string? name)
        ? name
        : string.Create(CultureInfo.InvariantCulture, $"if{index}");
}
