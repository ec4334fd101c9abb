using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Ocx.Mcp.Records;

namespace Ocx.Cli.Observe;

/// <summary>
/// The calls that several logs are followed for, on their way to one reader. It holds a bounded number of bytes: a log
/// whose lines find no room waits, and its kubelet keeps them meanwhile.
/// </summary>
internal sealed class CallQueue(long mostBytes = CallQueue.MostBytes)
{
    private const long MostBytes = 64 << 20;
    private const int MostCalls = 16_384;

    // What a call takes beside its line.
    private const int Overhead = 2048;

    // Long enough for what nodes write at the same time to arrive, and too short for a person to mind.
    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(100),
        s_retry = TimeSpan.FromMilliseconds(10);

    private readonly Channel<RecordedCall> _calls = Channel.CreateBounded<RecordedCall>(
        new BoundedChannelOptions(MostCalls) { SingleReader = true }
    );
    private long _held;

    /// <summary>Bytes of the calls that are waiting or shown just now.</summary>
    public long HeldBytes => Interlocked.Read(ref _held);

    /// <summary>Puts in a call, when there is room for it.</summary>
    public async ValueTask WriteAsync(RecordedCall call, CancellationToken cancellation)
    {
        while (!TryReserve(Size(call)))
        {
            await Task.Delay(s_retry, cancellation).ConfigureAwait(false);
        }

        await _calls.Writer.WriteAsync(call, cancellation).ConfigureAwait(false);
    }

    /// <summary>There are no more calls; the reader gets those that wait, and then the failure.</summary>
    public void Complete(Exception? failure) => _calls.Writer.TryComplete(failure);

    /// <summary>Holds what arrives for a moment, for what ended earlier and arrives later.</summary>
    public async IAsyncEnumerable<RecordedCall> ReadInOrderAsync(
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var held = new PriorityQueue<RecordedCall, long>();
        while (await _calls.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false))
        {
            await Task.Delay(s_delay, cancellation).ConfigureAwait(false);
            while (held.Count < MostCalls && _calls.Reader.TryRead(out RecordedCall? call))
            {
                held.Enqueue(call, call.EndTime.UtcTicks);
            }

            while (held.TryDequeue(out RecordedCall? earliest, out _))
            {
                yield return earliest;
                Interlocked.Add(ref _held, -Size(earliest));
            }
        }
    }

    private static long Size(RecordedCall call) => Overhead + (3L * call.Json.Length);

    private bool TryReserve(long bytes)
    {
        if (Interlocked.Add(ref _held, bytes) <= mostBytes)
        {
            return true;
        }

        Interlocked.Add(ref _held, -bytes);
        return false;
    }
}
