using System.Buffers.Binary;
using System.Diagnostics;

namespace Ocx.NodeAgent.Capture;

/// <summary>
/// Hands segments to a consumer on a thread of its own, so that a consumer which is slow or blocked never holds up the
/// capture. The capture thread copies records into blocks, and leaves a block that is not full for the consumer to take
/// or itself to go on with. When all blocks wait for the consumer, segments are shed and counted. Those without payload
/// are shed as soon as a quarter of the blocks wait: so a flood of SYNs leaves the rest to payload, as it does in the
/// ring (bpf/config.bpf.h).
/// </summary>
/// <remarks>
/// A thread that sleeps on a monitor, not a task on a channel: the work comes many times a second in small pieces, and
/// waking pool threads for it took several times what a consumer takes.
/// </remarks>
internal sealed class SegmentHandoff : SegmentSink
{
    // A record of 64 KiB and more fits a block; 64 blocks are 16 MiB, allocated as they are needed.
    private const int BlockSize = 256 * 1024;
    private const int MaxBlocks = 64;
    private const int BlocksForControl = MaxBlocks / 4;
    private const int LengthPrefix = sizeof(int);
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(250);

    // Taken for each block and each batch, not for each segment.
    private readonly object _gate = new();
    private readonly Queue<Block> _filled = new(MaxBlocks);
    private readonly Stack<Block> _free = new(MaxBlocks);

    // Not full, and its segments newer than those of the filled ones.
    private Block? _open;

    // The consumer waits for a first segment, and not for more of them.
    private bool _idle;
    private bool _complete;

    private readonly string _name;
    private readonly ISegmentConsumer _consumer;
    private readonly TimeSpan _gather;
    private Block? _current;
    private int _blocks;
    private int _waiting; // as many as _filled has, read without the gate
    private ulong _shed;
    private ulong _shedControl;

    /// <summary>Creates the sink; <see cref="RunAsync"/> hands over.</summary>
    /// <param name="name">The thread's name.</param>
    /// <param name="consumer">Takes the segments.</param>
    /// <param name="gather">
    /// How long the consumer waits for more after a first segment, unless a block is full before: a few segments at a
    /// time cost it several times what they cost together.
    /// </param>
    public SegmentHandoff(string name, ISegmentConsumer consumer, TimeSpan gather = default)
    {
        _name = name;
        _consumer = consumer;
        _gather = gather;
    }

    /// <summary>Segments with payload that the consumer did not get because it did not keep up.</summary>
    public ulong Shed => Volatile.Read(ref _shed);

    /// <summary>Those without payload that it did not get.</summary>
    public ulong ShedControl => Volatile.Read(ref _shedControl);

    /// <inheritdoc/>
    public override void Accept(in CapturedSegment segment)
    {
        if (segment.Length == 0 && Volatile.Read(ref _waiting) >= BlocksForControl)
        {
            Volatile.Write(ref _shedControl, _shedControl + 1);
            return;
        }
        int size = LengthPrefix + segment.Record.Length;
        Block? target = _current ?? NextBlock();
        if (target is { } full && full.Length + size > BlockSize)
        {
            HandOver(full);
            target = NextBlock();
        }
        _current = target;
        if (target is null)
        {
            // Whatever is shed here has payload: what has none was shed long before.
            Volatile.Write(ref _shed, _shed + 1);
            return;
        }
        Span<byte> space = target.Bytes.AsSpan(target.Length, size);
        BinaryPrimitives.WriteInt32LittleEndian(space, segment.Record.Length);
        segment.Record.CopyTo(space[LengthPrefix..]);
        target.Length += size;
    }

    /// <inheritdoc/>
    public override void EndOfBatch()
    {
        if (_current is not { Length: > 0 } block)
        {
            return;
        }
        lock (_gate)
        {
            _open = block;
            if (_idle)
            {
                Monitor.Pulse(_gate);
            }
        }
        _current = null;
    }

    /// <summary>
    /// No more segments will come; <see cref="RunAsync"/> ends when the consumer has had what there is.
    /// </summary>
    public void Complete()
    {
        lock (_gate)
        {
            _complete = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>
    /// Hands over until <see cref="Complete"/>, or until the consumer throws. Cancelling it gives up between two
    /// blocks.
    /// </summary>
    public Task RunAsync(CancellationToken cancellation) =>
        Task.Factory.StartNew(
            () => Run(cancellation),
            cancellation,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );

    private void Run(CancellationToken cancellation)
    {
        Thread.CurrentThread.Name = _name;
        long lastTick = Stopwatch.GetTimestamp();
        while (TryTake(out Block? block))
        {
            cancellation.ThrowIfCancellationRequested();
            if (block is not null)
            {
                Consume(block);
                Return(block);
            }
            if (Stopwatch.GetElapsedTime(lastTick) >= s_tick)
            {
                lastTick = Stopwatch.GetTimestamp();
                _consumer.Tick();
            }
        }
        _consumer.Finish();
    }

    // Waits for a block, but no longer than a tick, and then for more to come. False when there will be none any more.
    private bool TryTake(out Block? block)
    {
        lock (_gate)
        {
            if (_filled.Count == 0 && _open is null && !_complete)
            {
                _idle = true;
                Monitor.Wait(_gate, s_tick);
                _idle = false;
            }
            if (_filled.Count == 0 && _open is not null && !_complete && _gather > TimeSpan.Zero)
            {
                Monitor.Wait(_gate, _gather);
            }
            if (!_filled.TryDequeue(out block))
            {
                (block, _open) = (_open, null);
            }
            Volatile.Write(ref _waiting, _filled.Count);
            return block is not null || !_complete;
        }
    }

    private void Return(Block block)
    {
        block.Length = 0;
        lock (_gate)
        {
            _free.Push(block);
        }
    }

    private Block? NextBlock()
    {
        lock (_gate)
        {
            // The newest of all, so that segments stay in order.
            if (_open is { } open)
            {
                _open = null;
                return open;
            }
            if (_free.TryPop(out Block? free))
            {
                return free;
            }
        }
        if (_blocks == MaxBlocks)
        {
            return null;
        }
        _blocks++;
        return new Block();
    }

    private void HandOver(Block block)
    {
        lock (_gate)
        {
            _filled.Enqueue(block);
            Volatile.Write(ref _waiting, _filled.Count);
            Monitor.Pulse(_gate);
        }
    }

    private void Consume(Block block)
    {
        ReadOnlySpan<byte> rest = block.Bytes.AsSpan(0, block.Length);
        while (!rest.IsEmpty)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(rest);
            _consumer.Accept(CapturedSegment.Read(rest.Slice(LengthPrefix, length)));
            rest = rest[(LengthPrefix + length)..];
        }
        _consumer.EndOfBlock();
    }

    private sealed class Block
    {
        public byte[] Bytes { get; } = GC.AllocateUninitializedArray<byte>(BlockSize);

        public int Length { get; set; }
    }
}
