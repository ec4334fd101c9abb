using System.Net;
using System.Net.Sockets;

namespace Ocx.Kernel.Tests.Harness;

/// <summary>A client's connection that keeps what went through it: the truth to hold a capture against.</summary>
internal sealed class RecordedConnection : Stream
{
    private readonly NetworkStream _stream;
    private readonly MemoryStream _read = new();
    private readonly MemoryStream _written = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RecordedConnection(Socket socket)
    {
        Local = (IPEndPoint)socket.LocalEndPoint!;
        Remote = (IPEndPoint)socket.RemoteEndPoint!;
        _stream = new NetworkStream(socket, ownsSocket: true);
    }

    public IPEndPoint Local { get; }

    public IPEndPoint Remote { get; }

    /// <summary>Ends when the client has closed it: it reads no more then.</summary>
    public Task Closed => _closed.Task;

    /// <summary>What the client read.</summary>
    public byte[] Received => _read.ToArray();

    /// <summary>What the client wrote.</summary>
    public byte[] Sent => _written.ToArray();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await _stream.ReadAsync(buffer, cancellationToken);
        _read.Write(buffer.Span[..count]);
        return count;
    }

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer,
        CancellationToken cancellationToken = default
    )
    {
        _written.Write(buffer.Span);
        await _stream.WriteAsync(buffer, cancellationToken);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => _stream.FlushAsync(cancellationToken);

    public override void Flush() => _stream.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream.Dispose();
            _closed.TrySetResult();
        }
        base.Dispose(disposing);
    }
}
