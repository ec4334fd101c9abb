using k8s.Models;
using Ocx.Api;
using Ocx.Kube;

namespace Ocx.Operator.Controllers;

/// <summary>
/// Which taps are on which interface and port: kept as taps come and go, since to compare each with each would be too
/// much where there are thousands. For any thread.
/// </summary>
internal sealed class TapPorts
{
    /// <summary>The most taps that are named of those that tap the same.</summary>
    public const int Named = 5;

    private const string AnyInterface = "any";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Place> _places = [];
    private readonly Dictionary<int, Dictionary<string, SortedSet<string>>> _taps = [];

    /// <summary>Follows the taps that there are.</summary>
    public TapPorts(Informer<V1Alpha1McpTap> taps) =>
        taps.Changed += changed => Set(changed.Name(), taps.Find(changed.Name()));

    /// <summary>Other taps on the same interface and port, some of them where there are many.</summary>
    public IReadOnlyList<string> Conflicts(string tap)
    {
        lock (_lock)
        {
            return _places.TryGetValue(tap, out var place)
                ?
                [
                    .. place
                        .Ports.SelectMany(port => Beside(port, place.Interface))
                        .SelectMany(taps => taps.Where(other => other != tap).Take(Named))
                        .Distinct()
                        .Order(StringComparer.Ordinal)
                        .Take(Named),
                ]
                : [];
        }
    }

    private IEnumerable<SortedSet<string>> Beside(int port, string link) =>
        !_taps.TryGetValue(port, out var links) ? []
        : link == AnyInterface ? links.Values
        : links.Where(entry => entry.Key == link || entry.Key == AnyInterface).Select(entry => entry.Value);

    private void Set(string name, V1Alpha1McpTap? tap)
    {
        lock (_lock)
        {
            if (_places.Remove(name, out var before))
            {
                foreach (var port in before.Ports)
                {
                    Remove(name, port, before.Interface);
                }
            }

            // What a spec asks for that cannot be read is not known, and a suspended tap captures nothing.
            if (tap is not { Problem: null, Spec: { Suspend: false, Interface: { } link } spec })
            {
                return;
            }

            int[] ports = [.. (spec.AdditionalPorts ?? []).Prepend(spec.Port).Distinct()];
            foreach (var port in ports)
            {
                SetOf(port, link).Add(name);
            }

            _places[name] = new(link, ports);
        }
    }

    private void Remove(string name, int port, string link)
    {
        var links = _taps[port];
        links[link].Remove(name);
        if (links[link].Count == 0)
        {
            links.Remove(link);
        }

        if (links.Count == 0)
        {
            _taps.Remove(port);
        }
    }

    private SortedSet<string> SetOf(int port, string link)
    {
        if (!_taps.TryGetValue(port, out var links))
        {
            links = _taps[port] = [];
        }

        return links.TryGetValue(link, out var taps)
            ? taps
            : links[link] = new SortedSet<string>(StringComparer.Ordinal);
    }

    private sealed record Place(string Interface, int[] Ports);
}
