using Ocx.Gate.Holding;
using Ocx.Gate.Rules;
using Ocx.Netfilter;

namespace Ocx.Gate.Queues;

/// <summary>
/// A network namespace whose servers are gated: its queues with their threads, and the rules that hand packets to them.
/// </summary>
internal sealed class GatedNamespace : IDisposable
{
    private readonly NetworkNamespace _network;
    private readonly NamespaceRules _rules;
    private readonly QueueWorker[] _workers;

    private GatedNamespace(NetworkNamespace network, NamespaceRules rules, QueueWorker[] workers)
    {
        _network = network;
        _rules = rules;
        _workers = workers;
    }

    /// <summary>The queues' threads.</summary>
    public IReadOnlyList<QueueWorker> Workers => _workers;

    /// <summary>Opens the queues, and starts their threads. No rule is set yet.</summary>
    /// <param name="network">The namespace, which belongs to this from now on.</param>
    /// <param name="queues">Which queues.</param>
    /// <param name="options">How each is opened; its number is not looked at.</param>
    /// <param name="consumer">Makes what decides on a queue's packets, for each queue.</param>
    /// <exception cref="NetfilterException">A queue is taken, a capability or NFQUEUE is missing.</exception>
    public static GatedNamespace Open(
        NetworkNamespace network,
        QueueRange queues,
        PacketQueueOptions options,
        Func<IPacketExits, IPacketConsumer> consumer
    )
    {
        var opened = new Stack<IDisposable>([network]);
        try
        {
            var sockets = new (PacketQueue Queue, RawSender Sender)[queues.Count];
            network.Run(() =>
            {
                for (int index = 0; index < sockets.Length; index++)
                {
                    opened.Push(
                        sockets[index].Queue = PacketQueue.Open(
                            options with
                            {
                                Number = (ushort)(queues.First + index),
                            }
                        )
                    );
                    opened.Push(sockets[index].Sender = RawSender.Open());
                }
            });
            QueueWorker[] workers = [.. sockets.Select(s => new QueueWorker(s.Queue, s.Sender, consumer))];
            return new GatedNamespace(network, new NamespaceRules(network, queues), workers);
        }
        catch
        {
            foreach (IDisposable resource in opened)
            {
                resource.Dispose();
            }
            throw;
        }
    }

    /// <summary>Sets which ports are gated. What is held stays held.</summary>
    /// <exception cref="RulesException">iptables is missing or failed, or another gate has the namespace.</exception>
    public void SetPorts(IReadOnlyCollection<QueuedPort> ports) => _rules.Set(ports);

    /// <summary>
    /// Ends the threads, each after its consumer gave its verdicts, and then takes the rules away. In the other order
    /// TCP could bring what waits once more, and past the gate.
    /// </summary>
    /// <exception cref="RulesException">iptables is missing or failed.</exception>
    public void RemoveRules()
    {
        foreach (QueueWorker worker in _workers)
        {
            worker.Dispose();
        }

        _rules.Remove();
    }

    /// <summary>
    /// Ends the threads, each after its consumer gave its verdicts, and closes the queues. Rules that are still set do
    /// from now on what they say for no gate.
    /// </summary>
    public void Dispose()
    {
        foreach (QueueWorker worker in _workers)
        {
            worker.Dispose();
        }
        _network.Dispose();
    }
}
