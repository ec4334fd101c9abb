using Ocx.Bpf;

namespace Ocx.NodeAgent.Capture;

/// <summary>
/// The one thread that reads the ring: it drains, lets the sink know, and sleeps until there is more.
/// </summary>
internal sealed class CaptureLoop : IDisposable
{
    // The filter wakes the reader only when much is waiting (bpf/capture.bpf.h), so the reader looks by itself this
    // often.
    private const int PollMilliseconds = 25;

    // How full the ring is is looked at before it is read, and after each 64 records while it is: it may fill
    // meanwhile. Records are counted by as many.
    private const int RecordsBetweenSamples = 64;

    private readonly SegmentSink _sink;
    private readonly RingBufferReader _reader;
    private readonly RingBufferGauge _gauge;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _stopping;
    private ulong _records;

    /// <summary>Maps the ring; <see cref="Start"/> starts reading.</summary>
    public CaptureLoop(Tap tap, SegmentSink sink)
    {
        _sink = sink;
        _gauge = tap.RingGauge;
        _reader = new RingBufferReader(tap.Events);
        _thread = new Thread(Run) { Name = "ocx-capture", IsBackground = true };
    }

    /// <summary>Records read so far; while the ring is read, up to 64 less.</summary>
    public ulong Records => Volatile.Read(ref _records);

    /// <summary>
    /// Ends when the loop has ended: after <see cref="DrainAsync"/>, or with the exception that stopped it.
    /// </summary>
    public Task Finished => _finished.Task;

    /// <summary>Starts reading.</summary>
    public void Start() => _thread.Start();

    /// <summary>
    /// Reads what is left in the ring and ends. Detach the filter first, or there may always be more.
    /// </summary>
    public Task DrainAsync()
    {
        _stopping = true;
        return Finished;
    }

    /// <summary>Hands everything that is in the ring to the sink, and what arrives meanwhile.</summary>
    /// <exception cref="InvalidDataException">The agent and its filter do not belong together.</exception>
    public void Drain()
    {
        var handing = new Handing(this);
        _reader.Consume(ref handing);
        handing.Count();
    }

    /// <summary>Unmaps the ring. The loop has ended, or was never started.</summary>
    public void Dispose() => _reader.Dispose();

    private void Run()
    {
        try
        {
            bool last;
            do
            {
                last = _stopping;
                _gauge.Sample();
                Drain();
                _sink.EndOfBatch();
                if (!last)
                {
                    _reader.Wait(PollMilliseconds);
                }
            } while (!last);
            _finished.SetResult();
        }
#pragma warning disable CA1031 // The exception is handed to whoever awaits the loop.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _finished.SetException(exception);
        }
    }

    // What is done with each record: a struct of its own, so that its code becomes part of the reader's loop.
    private struct Handing(CaptureLoop loop) : IRingBufferConsumer
    {
        private readonly SegmentSink _sink = loop._sink;
        private int _records;

        public void OnRecord(ReadOnlySpan<byte> record)
        {
            _sink.Accept(CapturedSegment.Read(record));
            if (++_records == RecordsBetweenSamples)
            {
                Count();
                loop._gauge.Sample();
            }
        }

        public void Count()
        {
            Volatile.Write(ref loop._records, loop._records + (ulong)_records);
            _records = 0;
        }
    }
}
