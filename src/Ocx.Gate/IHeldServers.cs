using Ocx.Audit.Wire;
using Ocx.Gate.Asking;
using Ocx.Gate.Rules;
using Ocx.Netfilter;

namespace Ocx.Gate;

/// <summary>The servers of this gate. One thread at a time changes them; counts are for any.</summary>
internal interface IHeldServers : IDisposable
{
    /// <summary>Ends when the gate cannot go on; it fails with the reason.</summary>
    Task Ended { get; }

    /// <summary>What the last <see cref="Follow"/> could not set, while the rest is; null when all is set.</summary>
    string? Problem { get; }

    /// <summary>
    /// The pods whose rules the last <see cref="Follow"/> found in place, for an auditor that wants to know; null for
    /// nothing to tell.
    /// </summary>
    GatePods? Pods { get; }

    /// <summary>When to look at them again though no rule has changed.</summary>
    TimeSpan LookAgain { get; }

    /// <summary>Packets that never came to a worker, since there was no room for them.</summary>
    long Lost { get; }

    /// <summary>Packets of the gate's own that could not be sent.</summary>
    long Unsent { get; }

    /// <summary>
    /// Sets which packets come, and what becomes of them while no gate is there. Nothing happens where that is so
    /// already.
    /// </summary>
    /// <exception cref="RulesException">iptables is missing or failed, or another gate has a namespace.</exception>
    /// <exception cref="NetfilterException">The kernel does not allow it.</exception>
    void Follow(HoldRules rules);

    /// <summary>The gate was told to stop: what is to become of packets without it.</summary>
    /// <exception cref="RulesException">iptables is missing or failed.</exception>
    /// <exception cref="NetfilterException">The kernel does not allow it.</exception>
    void Stop();
}
