using Ocx.Audit.Wire;
using Ocx.Gate.Asking;
using Ocx.Gate.Counts;
using Ocx.Gate.Holding;
using Ocx.Gate.Queues;
using Ocx.Gate.Rules;
using Ocx.Netfilter;

namespace Ocx.Gate;

/// <summary>Makes what decides on the packets of one queue.</summary>
/// <param name="exits">What can be done with them.</param>
/// <param name="inbox">Asks the auditor; it belongs to the consumer until that has stopped.</param>
/// <param name="counts">What it counts.</param>
internal delegate IPacketConsumer MakeConsumer(IPacketExits exits, WorkerInbox inbox, WorkerCounts counts);

/// <summary>
/// The servers in one network namespace: their workers, and the rules that give packets to these, which follow what the
/// auditor says. One thread at a time uses it.
/// </summary>
internal sealed class GatedServers : IHeldServers
{
    private readonly GatedNamespace _namespace;
    private readonly IReadOnlyList<ushort>? _ports;
    private readonly Func<HeldPod, bool>? _isItsPod;
    private readonly Place[] _places;
    private readonly GateTotals _totals;
    private QueuedPort[] _set = [];
    private bool _isClosed;

    private GatedServers(
        GatedNamespace gated,
        IReadOnlyList<ushort>? ports,
        Func<HeldPod, bool>? isItsPod,
        Place[] places,
        GateTotals totals
    )
    {
        (_namespace, _ports, _isItsPod, _places, _totals) = (gated, ports, isItsPod, places, totals);
        Ended = Task.WhenAny(gated.Workers.Select(worker => worker.Ended)).Unwrap();
        for (int i = 0; i < places.Length; i++)
        {
            places[i].Worker = gated.Workers[i];
        }
    }

    /// <summary>Ends when one of the workers has; it fails when that did.</summary>
    public Task Ended { get; }

    /// <inheritdoc/>
    public string? Problem => null;

    /// <inheritdoc/>
    public GatePods? Pods => null;

    /// <inheritdoc/>
    public TimeSpan LookAgain => Timeout.InfiniteTimeSpan;

    /// <inheritdoc/>
    public long Lost => _namespace.Workers.Sum(worker => worker.Lost);

    /// <inheritdoc/>
    public long Unsent => _namespace.Workers.Sum(worker => worker.Unsent);

    /// <summary>Opens the queues and starts the workers; no packet comes before <see cref="Follow"/>.</summary>
    /// <param name="network">The namespace, which belongs to this from now on.</param>
    /// <param name="queues">Which queues, each with a worker.</param>
    /// <param name="ports">The servers' ports; null for those that the rules name.</param>
    /// <param name="isItsPod">Which pods are in the namespace; null without a cluster.</param>
    /// <param name="passWhenFull">Whether packets pass for which a queue has no room.</param>
    /// <param name="mailbox">Where workers ask.</param>
    /// <param name="totals">Where they count.</param>
    /// <param name="consumer">Makes what decides.</param>
    /// <exception cref="NetfilterException">The kernel does not allow it; the message says why.</exception>
    public static GatedServers Open(
        NetworkNamespace network,
        QueueRange queues,
        IReadOnlyList<ushort>? ports,
        Func<HeldPod, bool>? isItsPod,
        bool passWhenFull,
        AuditorMailbox mailbox,
        GateTotals totals,
        MakeConsumer consumer
    )
    {
        var places = new List<Place>();
        var options = new PacketQueueOptions { Number = queues.First, PassWhenFull = passWhenFull };
        try
        {
            GatedNamespace gated = GatedNamespace.Open(
                network,
                queues,
                options,
                exits =>
                {
                    var place = new Place(mailbox, isItsPod, totals.Add());
                    places.Add(place);
                    return consumer(exits, place.Inbox, place.Counts);
                }
            );
            return new(gated, ports, isItsPod, [.. places], totals);
        }
        catch
        {
            Leave(places, totals);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Follow(HoldRules rules)
    {
        ServerRules its = rules.For(_isItsPod);
        QueuedPort[] wanted =
        [
            .. (_ports ?? [.. its.Ports.Order()]).Select(port => new QueuedPort(
                port,
                PassWithoutGate: its.On(port) is not { FailurePolicy: GateFailurePolicy.Closed }
            )),
        ];
        if (!wanted.SequenceEqual(_set))
        {
            _namespace.SetPorts(wanted);
            _set = wanted;
        }
    }

    /// <summary>
    /// Has the workers give their verdicts on what they hold, ends them, and takes the rules away: no more packets
    /// come.
    /// </summary>
    /// <exception cref="RulesException">iptables is missing or failed.</exception>
    public void Stop() => _namespace.RemoveRules();

    /// <summary>Has the workers give their verdicts on what they hold, and ends them.</summary>
    public void Dispose()
    {
        if (_isClosed)
        {
            return;
        }

        _isClosed = true;
        foreach (Place place in _places)
        {
            place.Inbox.Quiet();
        }

        _namespace.Dispose();
        Leave(_places, _totals);
    }

    private static void Leave(IEnumerable<Place> places, GateTotals totals)
    {
        foreach (Place place in places)
        {
            place.Inbox.Dispose();
            totals.Keep(place.Counts);
        }
    }

    // A worker's place is there before the worker is: it looks into its inbox when it begins.
    private sealed class Place
    {
        public Place(AuditorMailbox mailbox, Func<HeldPod, bool>? isItsPod, WorkerCounts counts)
        {
            Counts = counts;
            Inbox = mailbox.Join(() => Worker?.Wake(), isItsPod);
        }

        public WorkerCounts Counts { get; }

        public WorkerInbox Inbox { get; }

        public QueueWorker? Worker
        {
            get => Volatile.Read(ref field);
            set
            {
                Volatile.Write(ref field, value);
                value?.Wake();
            }
        }
    }
}
