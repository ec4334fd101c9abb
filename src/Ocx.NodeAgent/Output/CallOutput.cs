using System.Buffers;
using Ocx.Mcp.Records;
using Ocx.NodeAgent.Calls;

namespace Ocx.NodeAgent.Output;

/// <summary>
/// Writes the line of each call to a stream, from a thread of its own: a stream that takes nothing costs lines, which
/// are counted, and never holds up the following of calls. Lines go in batches, as each wake-up and each write costs
/// more than a line.
/// </summary>
/// <param name="write">Writes a call's line with its end.</param>
/// <param name="stream">Takes the lines.</param>
internal sealed class CallOutput(Action<IBufferWriter<byte>, CallRecord> write, Stream stream) : ICallObserver
{
    /// <summary>What may wait for the stream, in bytes: of calls without arguments and results about 15,000.</summary>
    public const int MaxWaiting = 8 * 1024 * 1024;

    // A batch that is larger goes before its end, and a buffer that has become larger is not kept.
    private const int LargeBatch = 256 * 1024;

    private readonly object _gate = new();
    private ArrayBufferWriter<byte> _waiting = new();
    private ArrayBufferWriter<byte> _leaving = new();
    private bool _ready;
    private bool _complete;
    private ulong _shed;

    /// <summary>Calls whose lines the stream did not take in time.</summary>
    public ulong Shed => Volatile.Read(ref _shed);

    /// <inheritdoc/>
    public void OnCall(CallRecord call)
    {
        lock (_gate)
        {
            if (_waiting.WrittenCount >= MaxWaiting)
            {
                Volatile.Write(ref _shed, _shed + 1);
                return;
            }
            write(_waiting, call);
            if (_waiting.WrittenCount >= LargeBatch)
            {
                Wake();
            }
        }
    }

    /// <inheritdoc/>
    public void EndOfBatch()
    {
        lock (_gate)
        {
            if (_waiting.WrittenCount > 0)
            {
                Wake();
            }
        }
    }

    /// <summary>No more calls will come; <see cref="RunAsync"/> ends when it has written what it has.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _complete = true;
            Wake();
        }
    }

    /// <summary>Writes until <see cref="Complete"/>. Cancelling it gives up between two writes to the stream.</summary>
    /// <exception cref="IOException">The stream was closed by whoever read it.</exception>
    public Task RunAsync(CancellationToken cancellation) =>
        Task.Factory.StartNew(
            () => Run(cancellation),
            cancellation,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );

    private void Run(CancellationToken cancellation)
    {
        while (TryTake())
        {
            cancellation.ThrowIfCancellationRequested();
            stream.Write(_leaving.WrittenSpan);
            _leaving.ResetWrittenCount();
            if (_leaving.Capacity > LargeBatch * 2)
            {
                _leaving = new();
            }
        }
        stream.Flush();
    }

    // What waits changes places with what has left. False when there will be none any more.
    private bool TryTake()
    {
        lock (_gate)
        {
            while (!_ready)
            {
                Monitor.Wait(_gate);
            }
            (_waiting, _leaving) = (_leaving, _waiting);
            _ready = _complete;
            return _leaving.WrittenCount > 0 || !_complete;
        }
    }

    private void Wake()
    {
        _ready = true;
        Monitor.Pulse(_gate);
    }
}
