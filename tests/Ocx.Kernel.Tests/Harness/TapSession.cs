using Microsoft.Extensions.Logging.Abstractions;
using Ocx.Bpf;
using Ocx.NodeAgent.Capture;
using Ocx.NodeAgent.Options;

namespace Ocx.Kernel.Tests.Harness;

/// <summary>
/// The agent's own tap, interfaces and capture loop in a namespace. Stopping it holds its counters to their identities,
/// so every test that taps does.
/// </summary>
internal sealed class TapSession : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Tap _tap;
    private readonly TappedInterfaces _interfaces;
    private readonly CaptureLoop _loop;
    private readonly Recorder _recorder;
    private bool _reading;
    private Capture? _capture;

    private TapSession(NetworkNamespace @namespace, AgentOptions options, SegmentSink? sink)
    {
        _recorder = new Recorder(sink);
        _tap = Tap.Load(options);
        _loop = new CaptureLoop(_tap, _recorder);
        _interfaces = new TappedInterfaces(options, _tap.Program, NullLogger.Instance);
        @namespace.Run(_interfaces.AttachAll);
    }

    /// <summary>How full the ring is and was at most.</summary>
    public RingBufferGauge Ring => _tap.RingGauge;

    /// <summary>The counters while the tap runs.</summary>
    public TapCounters Counters => _tap.ReadCounters();

    /// <summary>
    /// Loads the filter, attaches it in the namespace and reads its ring: into the sink, or to record the segments.
    /// </summary>
    public static TapSession Start(NetworkNamespace @namespace, AgentOptions options, SegmentSink? sink = null)
    {
        TapSession session = StartWithoutReading(@namespace, options, sink);
        session.Read();
        return session;
    }

    /// <summary>Taps one or more interfaces on port 8080, with all else as by default.</summary>
    public static TapSession Start(NetworkNamespace @namespace, params string[] interfaces) =>
        Start(@namespace, new AgentOptions { Interfaces = interfaces });

    /// <summary>The same, but the ring is read only when the tap stops.</summary>
    public static TapSession StartWithoutReading(
        NetworkNamespace @namespace,
        AgentOptions options,
        SegmentSink? sink = null
    ) => new(@namespace, options, sink);

    /// <summary>Waits until the filter has matched this many packets.</summary>
    public void AwaitFiltered(ulong packets) =>
        Assert.True(
            SpinWait.SpinUntil(() => Counters.Filtered >= packets, s_patience),
            $"only {Counters.Filtered} of {packets} packets matched in {s_patience.TotalSeconds} s"
        );

    /// <summary>Detaches, drains the ring and checks the accounting.</summary>
    public Capture Stop()
    {
        if (_capture is not null)
        {
            return _capture;
        }
        _interfaces.Dispose();
        Read();
        _loop.DrainAsync().WaitAsync(s_patience).GetAwaiter().GetResult();
        TapCounters counters = _tap.ReadCounters();
        Assert.Equal(counters.Filtered, counters.Captured + counters.Dropped + counters.Empty + counters.Duplicates);
        Assert.Equal(
            counters.FilteredBytes,
            counters.CapturedBytes + counters.DroppedBytes + counters.DuplicateBytes + counters.TruncatedBytes
        );
        Assert.Equal(counters.Records, _loop.Records);
        Assert.Equal(counters.CapturedBytes, _recorder.Bytes);
        Assert.Equal(counters.Control, _recorder.Controls);
        Assert.True(
            counters.Control + counters.ControlLost <= counters.Empty,
            $"more headers than empty packets: {counters}"
        );
        return _capture = new Capture(
            [.. _recorder.All.Where(s => s.Length > 0)],
            [.. _recorder.All.Where(s => s.Length == 0)],
            counters
        );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Stop();
        }
        finally
        {
            _interfaces.Dispose();
            _loop.Dispose();
            _tap.Dispose();
        }
    }

    private void Read()
    {
        if (!_reading)
        {
            _reading = true;
            _loop.Start();
        }
    }

    private sealed class Recorder(SegmentSink? next) : SegmentSink
    {
        public List<Segment> All { get; } = [];

        public ulong Bytes { get; private set; }

        /// <summary>Packets without payload.</summary>
        public ulong Controls { get; private set; }

        public override void Accept(in CapturedSegment segment)
        {
            Bytes += (ulong)segment.Payload.Length;
            Controls += segment.Length == 0 ? 1ul : 0;
            if (next is null)
            {
                All.Add(Segment.CopyOf(segment));
            }
            else
            {
                next.Accept(segment);
            }
        }

        public override void EndOfBatch() => next?.EndOfBatch();
    }
}
