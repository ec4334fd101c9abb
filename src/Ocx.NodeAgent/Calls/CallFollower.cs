using System.Diagnostics;
using System.Runtime.CompilerServices;
using Ocx.Mcp;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tcp;
using Ocx.NodeAgent.Attribution;
using Ocx.NodeAgent.Capture;

namespace Ocx.NodeAgent.Calls;

/// <summary>
/// Follows the MCP calls in the captured segments, and tells its observers of each when it is over and its ends are
/// named. Used by one thread at a time.
/// </summary>
internal sealed class CallFollower : IMcpSink, ISegmentConsumer
{
    /// <summary>
    /// How long segments wait for others before calls are read from them: a few segments at a time cost several times
    /// what they cost together.
    /// </summary>
    public static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(50);

    private readonly MonotonicClock _clock;
    private readonly ICallObserver[] _observers;
    private readonly McpTracker _tracker;
    private StrongBox<McpStats> _stats = new();
    private readonly CallAttribution? _attribution;

    /// <summary>Creates a follower; redaction of credentials is always on.</summary>
    /// <param name="clock">Tells the time of day of segments.</param>
    /// <param name="options">The tracker's bounds and switches.</param>
    /// <param name="observers">Who is told, in this order.</param>
    public CallFollower(MonotonicClock clock, McpOptions options, params IEnumerable<ICallObserver> observers)
        : this(clock, options, attribution: null, observers) { }

    /// <summary>Creates a follower that has the ends of calls named, for all observers to read.</summary>
    public CallFollower(
        MonotonicClock clock,
        McpOptions options,
        CallAttribution? attribution,
        params IEnumerable<ICallObserver> observers
    )
    {
        _clock = clock;
        _attribution = attribution;
        _observers = [.. observers];
        _tracker = new McpTracker(options, this);
    }

    /// <summary>What was seen and shed until the last tick. Safe from any thread.</summary>
    public McpStats Stats => Volatile.Read(ref _stats).Value;

    /// <inheritdoc/>
    /// <remarks>Calls that it ends are told of before this returns, or when their ends are named.</remarks>
    public void Accept(in CapturedSegment segment)
    {
        var tcp = new TcpSegment
        {
            TimestampUnixNs = _clock.ToUnixNs(segment.MonotonicNs),
            MonotonicNs = segment.MonotonicNs,
            Source = IpEndpoint.From(segment.SourceAddress, segment.SourcePort),
            Destination = IpEndpoint.From(segment.DestinationAddress, segment.DestinationPort),
            Sequence = segment.Sequence,
            Acknowledgment = segment.Acknowledgment,
            Flags = (TcpFlags)segment.TcpFlags,
            Length = segment.Length,
            Payload = segment.Payload,
        };
        // Before the calls that the segment ends are told of.
        _attribution?.Note(segment, tcp.Source, tcp.Destination, tcp.TimestampUnixNs);
        _tracker.Accept(tcp);
    }

    /// <inheritdoc/>
    public void EndOfBlock()
    {
        foreach (ICallObserver observer in _observers)
        {
            observer.EndOfBatch();
        }
    }

    /// <summary>Some time has passed: gives up what has waited for too long.</summary>
    public void Tick()
    {
        long now = Now();
        _tracker.Tick(now);
        TellNamed(Stopwatch.GetTimestamp());
        EndOfBlock();
        PublishStats();
    }

    /// <summary>There are no more segments: tells of the calls that have no answer yet.</summary>
    public void Finish()
    {
        long now = Now();
        _tracker.Flush(now);
        TellNamed(Stopwatch.GetTimestamp() + CallAttribution.LongestPatience);
        EndOfBlock();
        PublishStats();
    }

    /// <inheritdoc/>
    public void OnOpened(CallRecord record)
    {
        foreach (ICallObserver observer in _observers)
        {
            observer.OnOpened(record);
        }
    }

    /// <inheritdoc/>
    public void OnAnswering(CallRecord record, long unixNs)
    {
        foreach (ICallObserver observer in _observers)
        {
            observer.OnAnswering(record, unixNs);
        }
    }

    /// <inheritdoc/>
    public void OnCall(CallRecord record)
    {
        if (_attribution is null || _attribution.TryName(record, Stopwatch.GetTimestamp()))
        {
            Tell(record);
        }
    }

    // Waiting is timed by a clock that nobody sets: CLOCK_MONOTONIC, in nanoseconds.
    private void TellNamed(long now)
    {
        while (_attribution?.Next(now) is { } call)
        {
            Tell(call);
            call.Release();
        }
    }

    private void Tell(CallRecord record)
    {
        foreach (ICallObserver observer in _observers)
        {
            observer.OnCall(record);
        }
    }

    /// <inheritdoc/>
    public void OnUnreadable(in UnreadableConnection connection)
    {
        foreach (ICallObserver observer in _observers)
        {
            observer.OnUnreadable(connection);
        }
    }

    // The tracker is this thread's alone: others get a copy.
    private void PublishStats() => Volatile.Write(ref _stats, new StrongBox<McpStats>(_tracker.Stats));

    // The segments' clock, CLOCK_MONOTONIC in nanoseconds: time-outs do not go by the time of day, which steps.
    private static long Now() => Stopwatch.GetTimestamp();
}
