using System.IO.Compression;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Ocx.Mcp.Http;

/// <summary>Takes decoded pieces of a body; false to stop.</summary>
internal delegate bool DecodedSink(ReadOnlySpan<byte> piece);

/// <summary>
/// Decodes one content-coded body as it arrives. Output comes in pieces of 16 KiB to a sink that stops it at its own bound,
/// so a bomb costs no more than a large body does.
/// </summary>
internal sealed class ContentDecoder : IDisposable
{
    private const int PieceLength = 16 << 10;

    // RFC 8878, 3.1.1.1.2 advises 8 MiB; a frame that asks for more is not decoded.
    private const int ZstdWindowLog = 23;
    private readonly ContentCoding _coding;
    private readonly byte[] _piece = new byte[PieceLength];
    private readonly FedStream? _fed;
    private readonly Stream? _inflate;
    private BrotliDecoder _brotli;

    public ContentDecoder(ContentCoding coding)
    {
        _coding = coding;
        switch (coding)
        {
            case ContentCoding.Gzip:
                _inflate = new GZipStream(_fed = new FedStream(), CompressionMode.Decompress);
                break;
            case ContentCoding.Deflate:
                _inflate = new ZLibStream(_fed = new FedStream(), CompressionMode.Decompress);
                break;
            case ContentCoding.Zstd:
                var zstd = new DecompressionStream(_fed = new FedStream(), PieceLength, checkEndOfStream: false);
                zstd.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, ZstdWindowLog);
                _inflate = zstd;
                break;
        }
    }

    /// <summary>Decodes the next bytes; false when they are no valid coding or the sink had enough.</summary>
    public bool TryDecode(ReadOnlySpan<byte> coded, DecodedSink sink)
    {
        try
        {
            return _coding switch
            {
                ContentCoding.Brotli => DecodeBrotli(coded, sink),
                ContentCoding.Gzip or ContentCoding.Deflate or ContentCoding.Zstd => Inflate(coded, sink),
                _ => false,
            };
        }
        catch (Exception e) when (e is InvalidDataException or ZstdException or IOException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _brotli.Dispose();
        _inflate?.Dispose();
    }

    private bool Inflate(ReadOnlySpan<byte> coded, DecodedSink sink)
    {
        _fed!.Feed(coded);
        int read;
        while ((read = _inflate!.Read(_piece)) > 0)
        {
            if (!sink(_piece.AsSpan(0, read)))
            {
                return false;
            }
        }

        return true;
    }

    private bool DecodeBrotli(ReadOnlySpan<byte> coded, DecodedSink sink)
    {
        while (true)
        {
            var status = _brotli.Decompress(coded, _piece, out int consumed, out int written);
            coded = coded[consumed..];
            if (written > 0 && !sink(_piece.AsSpan(0, written)))
            {
                return false;
            }

            if (status != System.Buffers.OperationStatus.DestinationTooSmall)
            {
                return status != System.Buffers.OperationStatus.InvalidData;
            }
        }
    }

    /// <summary>A stream over the bytes fed last: an empty read means "none yet", and the inflater asks again later.</summary>
    private sealed class FedStream : Stream
    {
        private byte[] _bytes = [];
        private int _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public void Feed(ReadOnlySpan<byte> bytes) => (_bytes, _at) = ([.. _bytes.AsSpan(_at), .. bytes], 0);

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            int length = Math.Min(buffer.Length, _bytes.Length - _at);
            _bytes.AsSpan(_at, length).CopyTo(buffer);
            _at += length;
            return length;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
