using Ocx.Netfilter;

namespace Ocx.Gate.Rules;

/// <summary>
/// The rules that hand the packets of a network namespace's servers to the gate's queues. Setting them again changes
/// nothing; what a killed gate left is taken over. One thread at a time uses it.
/// </summary>
/// <param name="network">The namespace.</param>
/// <param name="queues">The queues, which are open already: rules without a queue hold packets for nobody.</param>
internal sealed class NamespaceRules(NetworkNamespace network, QueueRange queues)
{
    // There where the kernel has IPv6 and it is not turned off.
    private const string Ipv6Addresses = "/proc/thread-self/net/if_inet6";

    /// <summary>Sets the rules for these ports, in place of those before. There is no moment without rules.</summary>
    /// <exception cref="RulesException">
    /// iptables is missing or failed, or another gate has the namespace. Where nothing was set before, nothing is left.
    /// </exception>
    /// <exception cref="NetfilterException">The namespace cannot be entered.</exception>
    public void Set(IReadOnlyCollection<QueuedPort> ports) =>
        network.Run(() =>
        {
            (FilterProgram Program, PresentRules Present)[] programs = [.. Programs().Select(p => (p, p.Read()))];
            foreach ((_, PresentRules present) in programs)
            {
                RefuseAnother(present);
            }
            try
            {
                foreach ((FilterProgram program, PresentRules present) in programs)
                {
                    program.Restore(RuleText.Install(ports, queues, present));
                }
            }
            catch (RulesException) when (programs.All(program => !program.Present.Has(RuleText.InputChain)))
            {
                RemoveFrom(programs.Select(program => program.Program));
                throw;
            }
        });

    /// <summary>Takes the rules away. It is no error when there are none.</summary>
    /// <exception cref="RulesException">iptables is missing or failed.</exception>
    /// <exception cref="NetfilterException">The namespace cannot be entered.</exception>
    public void Remove() => network.Run(() => RemoveFrom(Programs()));

    /// <summary>
    /// Takes away rules that hand packets to queues which nobody has: those of a gate that has ended.
    /// </summary>
    /// <returns>Whether there were any.</returns>
    /// <exception cref="RulesException">iptables is missing or failed.</exception>
    /// <exception cref="NetfilterException">The namespace cannot be entered.</exception>
    public bool RemoveAbandoned() =>
        network.Run(() =>
        {
            bool isAny = false;
            foreach (FilterProgram program in Programs())
            {
                PresentRules present = program.Read();
                string text = RuleText.Remove(present);
                if (text.Length > 0 && !present.Queues.Any(PacketQueue.IsTaken))
                {
                    program.Restore(text);
                    isAny = true;
                }
            }

            return isAny;
        });

    private static void RemoveFrom(IEnumerable<FilterProgram> programs)
    {
        foreach (FilterProgram program in programs)
        {
            string text = RuleText.Remove(program.Read());
            if (text.Length > 0)
            {
                program.Restore(text);
            }
        }
    }

    private static IEnumerable<FilterProgram> Programs() =>
        File.Exists(Ipv6Addresses)
            ? [FilterProgram.Working("iptables"), FilterProgram.Working("ip6tables")]
            : [FilterProgram.Working("iptables")];

    // The rules of a gate that was killed name a queue that nobody has.
    private void RefuseAnother(PresentRules present)
    {
        foreach (ushort queue in present.Queues)
        {
            if ((queue < queues.First || queue > queues.Last) && PacketQueue.IsTaken(queue))
            {
                throw new RulesException(
                    $"another gate, with packet queue {queue}, has the network namespace {network.Name}; stop one of "
                        + "the two"
                );
            }
        }
    }
}
