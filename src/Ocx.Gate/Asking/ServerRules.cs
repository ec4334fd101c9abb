using System.Collections.Frozen;

namespace Ocx.Gate.Asking;

/// <summary>What is held of the servers in one network namespace, by port. For any thread.</summary>
internal sealed class ServerRules
{
    private readonly FrozenDictionary<ushort, PortRules> _ports;

    /// <summary>From the audits that select the servers, in the order in which they are asked.</summary>
    public ServerRules(IEnumerable<HeldAudit> audits) =>
        _ports = audits
            .GroupBy(audit => audit.Port)
            .ToFrozenDictionary(port => port.Key, port => new PortRules([.. port]));

    /// <summary>The ports on which something is held.</summary>
    public IReadOnlyCollection<ushort> Ports => _ports.Keys;

    /// <summary>What is held on one of them; null where nothing is.</summary>
    public PortRules? On(ushort port) => _ports.GetValueOrDefault(port);
}
