using System.Diagnostics;
using Ocx.Gate.Holding;
using Ocx.Netfilter;

namespace Ocx.Gate.Queues;

/// <summary>
/// The thread of one queue: it receives packets, hands each to its consumer, and sends the verdicts of all that it
/// received at once.
/// </summary>
internal sealed class QueueWorker : IDisposable
{
    // Packets that are received before their verdicts are sent: more of them cost the first ones time.
    private const int MostAtOnce = 64;

    private readonly PacketQueue _queue;
    private readonly RawSender _sender;
    private readonly WakeEvent _wake = new();
    private readonly IPacketConsumer _consumer;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isStopping;

    /// <summary>Starts the thread.</summary>
    /// <param name="queue">The queue, which the worker closes.</param>
    /// <param name="sender">Sends packets in the queue's namespace; the worker closes it.</param>
    /// <param name="consumer">Makes the consumer of the queue's packets.</param>
    public QueueWorker(PacketQueue queue, RawSender sender, Func<IPacketExits, IPacketConsumer> consumer)
    {
        _queue = queue;
        _sender = sender;
        _consumer = consumer(new QueueExits(queue, sender));
        _thread = new Thread(Run) { IsBackground = true, Name = $"queue {queue.Number}" };
        _thread.Start();
    }

    /// <summary>Ends when the worker has; it fails when the worker did.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Packets that never came to the worker, since there was no room for them.</summary>
    public long Lost => _queue.Lost;

    /// <summary>Packets of the gate's own that could not be sent.</summary>
    public long Unsent => _sender.Failed;

    /// <summary>Verdicts that came too late for the kernel, and messages that could not be read.</summary>
    public long Failed => _queue.Refused + _queue.Unreadable;

    /// <summary>What the kernel counts for the queue.</summary>
    public PacketQueueStatistics Statistics => _queue.ReadStatistics();

    /// <summary>Has the consumer called on the worker's thread. Any thread may ask.</summary>
    public void Wake() => _wake.Set();

    /// <summary>
    /// Takes what is in the queue, has the consumer give its verdicts, closes the queue and waits for the thread.
    /// </summary>
    public void Dispose()
    {
        if (_isStopping)
        {
            return;
        }

        _isStopping = true;
        _wake.Set();
        _thread.Join();
        _queue.Dispose();
        _sender.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        try
        {
            var poller = new Poller(_queue, _wake);
            while (!_isStopping)
            {
                PollResult ready = poller.Wait(NanosecondsToTick());
                if ((ready & PollResult.Wake) != 0)
                {
                    _wake.Clear();
                    _consumer.OnWake();
                }
                // The one who waits longest is served first: verdicts that have come, then packets.
                Receive();
                long now = Stopwatch.GetTimestamp();
                if (now >= _consumer.NextTickNs)
                {
                    _consumer.Tick(now);
                }
                _queue.Flush();
                _consumer.OnFlushed();
                _queue.Flush();
            }
            while (Receive() == MostAtOnce)
            {
                _queue.Flush();
            }
            _consumer.OnStop();
            _queue.Flush();
            _ended.SetResult();
        }
#pragma warning disable CA1031 // Whoever waits for the end gets it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _ended.SetException(exception);
        }
    }

    private int Receive()
    {
        int received = 0;
        for (; received < MostAtOnce && _queue.TryReceive(out QueuedPacket packet); received++)
        {
            _consumer.OnPacket(
                packet.Id,
                packet.Hook == NetfilterHook.Input,
                packet.ChecksumUnverified,
                packet.Payload
            );
            if (received == 0)
            {
                // It does not wait until it is known that no more are there.
                _queue.Flush();
            }
        }
        return received;
    }

    // The stopwatch counts nanoseconds on Linux.
    private long NanosecondsToTick()
    {
        long next = _consumer.NextTickNs;
        return next == long.MaxValue ? long.MaxValue : next - Stopwatch.GetTimestamp();
    }
}
