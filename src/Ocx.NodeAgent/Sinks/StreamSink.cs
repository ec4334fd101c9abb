using System.Buffers;
using System.Buffers.Binary;
using System.Threading.Channels;
using Ocx.NodeAgent.Capture;

namespace Ocx.NodeAgent.Sinks;

/// <summary>
/// Prints segments to a stream from a task of its own, so that a slow reader of the stream never holds up the capture.
/// The capture thread copies records into blocks; full blocks, and what there is at the end of a batch, go through a
/// bounded channel. When all blocks wait for the stream, segments are shed and counted.
/// </summary>
internal sealed class StreamSink : ISegmentSink
{
    // A record of 64 KiB and more fits a block; 64 blocks are 16 MiB, allocated as they are needed.
    private const int BlockSize = 256 * 1024;
    private const int MaxBlocks = 64;
    private const int LengthPrefix = sizeof(int);
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(250);

    private readonly Channel<Block> _filled = Channel.CreateBounded<Block>(
        new BoundedChannelOptions(MaxBlocks) { SingleReader = true, SingleWriter = true });

    private readonly Channel<Block> _free = Channel.CreateBounded<Block>(
        new BoundedChannelOptions(MaxBlocks) { SingleReader = true, SingleWriter = true });

    private readonly ArrayBufferWriter<byte> _text = new(BlockSize);
    private readonly ISegmentFormatter _formatter;
    private readonly Stream _stream;
    private Block? _current;
    private int _blocks;
    private ulong _shed;

    /// <summary>Creates the sink; <see cref="RunAsync"/> prints.</summary>
    public StreamSink(ISegmentFormatter formatter, Stream stream)
    {
        _formatter = formatter;
        _stream = stream;
    }

    /// <summary>Segments that were not printed because the stream did not keep up.</summary>
    public ulong Shed => Volatile.Read(ref _shed);

    /// <inheritdoc/>
    public void Accept(in CapturedSegment segment)
    {
        int size = LengthPrefix + segment.Record.Length;
        if (_current is { } block && block.Length + size > BlockSize)
        {
            HandOver(block);
        }
        if ((_current ??= NextBlock()) is not { } target)
        {
            Volatile.Write(ref _shed, _shed + 1);
            return;
        }
        Span<byte> space = target.Bytes.AsSpan(target.Length, size);
        BinaryPrimitives.WriteInt32LittleEndian(space, segment.Record.Length);
        segment.Record.CopyTo(space[LengthPrefix..]);
        target.Length += size;
    }

    /// <inheritdoc/>
    public void EndOfBatch()
    {
        if (_current is { Length: > 0 } block)
        {
            HandOver(block);
        }
    }

    /// <summary>No more segments will come; <see cref="RunAsync"/> ends when it has printed what it has.</summary>
    public void Complete() => _filled.Writer.Complete();

    /// <summary>Prints until <see cref="Complete"/>.</summary>
    /// <exception cref="IOException">The stream was closed by whoever read it.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        bool more = true;
        while (more)
        {
            Task<bool> ready = _filled.Reader.WaitToReadAsync(cancellation).AsTask();
            while (await Task.WhenAny(ready, Task.Delay(s_tick, cancellation)).ConfigureAwait(false) != ready)
            {
                cancellation.ThrowIfCancellationRequested();
                _formatter.Tick(_text);
                await PrintAsync(cancellation).ConfigureAwait(false);
            }
            more = await ready.ConfigureAwait(false);
            while (_filled.Reader.TryRead(out Block? block))
            {
                Format(block);
                await PrintAsync(cancellation).ConfigureAwait(false);
                block.Length = 0;
                _free.Writer.TryWrite(block);
            }
        }
        _formatter.Finish(_text);
        await PrintAsync(cancellation).ConfigureAwait(false);
        await _stream.FlushAsync(cancellation).ConfigureAwait(false);
    }

    private async Task PrintAsync(CancellationToken cancellation)
    {
        await _stream.WriteAsync(_text.WrittenMemory, cancellation).ConfigureAwait(false);
        _text.ResetWrittenCount();
    }

    private Block? NextBlock()
    {
        if (_free.Reader.TryRead(out Block? free))
        {
            return free;
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
        // There is room: the channel holds as many blocks as there are.
        _filled.Writer.TryWrite(block);
        _current = null;
    }

    private void Format(Block block)
    {
        ReadOnlySpan<byte> rest = block.Bytes.AsSpan(0, block.Length);
        while (!rest.IsEmpty)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(rest);
            _formatter.Format(CapturedSegment.Read(rest.Slice(LengthPrefix, length)), _text);
            rest = rest[(LengthPrefix + length)..];
        }
    }

    private sealed class Block
    {
        public byte[] Bytes { get; } = GC.AllocateUninitializedArray<byte>(BlockSize);

        public int Length { get; set; }
    }
}
