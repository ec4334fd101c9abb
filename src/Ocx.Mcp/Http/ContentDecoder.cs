using System.Buffers;
using System.IO.Compression;
using Ocx.Mcp.Buffers;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Ocx.Mcp.Http;

/// <summary>Takes decoded pieces of a body; false to stop.</summary>
internal delegate bool DecodedSink(ReadOnlySpan<byte> piece);

/// <summary>How decoding a piece of a body ended.</summary>
internal enum DecodeResult
{
    /// <summary>All of it was decoded.</summary>
    Decoded,

    /// <summary>It is no valid coding, or one that is not decoded here.</summary>
    Invalid,

    /// <summary>The sink had enough.</summary>
    Stopped,

    /// <summary>It makes more work than it may.</summary>
    Limit,

    /// <summary>No memory is left for what the decoder keeps of the past.</summary>
    NoMemory,
}

/// <summary>
/// Decodes one coding of a body as it arrives, in pieces of 16 KiB. Each is charged to the connection's allowance, and
/// what the decoder keeps of the past is charged to the memory budget, so a bomb costs no more than a large body does.
/// </summary>
internal sealed class ContentDecoder : IDisposable
{
    private const int PieceLength = 16 << 10;

    // RFC 8878, 3.1.1.1.2 advises 8 MiB; a frame that asks for more is not decoded.
    private const int ZstdWindowLog = 23;

    // Of a Brotli window, RFC 7932, 9.1.
    private const int LargestBrotliWindow = 16 << 20;

    // What a decoder holds at first: its tables, and the 32 KiB that deflate looks back.
    private const int FirstMemory = 48 << 10;
    private const int FirstMemoryOfZstd = 192 << 10;

    // Windows are charged in steps as they fill.
    private const int WindowStep = 64 << 10;

    private readonly ContentCoding _coding;
    private readonly DecodeAllowance _allowance;
    private readonly MemoryBudget _memory;
    private FedStream? _fed;
    private Stream? _inflate;
    private BrotliDecoder _brotli;
    private long _decoded;
    private long _charged;
    private bool _ended;

    public ContentDecoder(ContentCoding coding, DecodeAllowance allowance, MemoryBudget memory) =>
        (_coding, _allowance, _memory) = (coding, allowance, memory);

    /// <summary>
    /// Decodes the next bytes. After anything but <see cref="DecodeResult.Decoded"/> no more can be decoded.
    /// </summary>
    public DecodeResult Decode(ReadOnlySpan<byte> coded, DecodedSink sink)
    {
        if (_ended)
        {
            return DecodeResult.Decoded; // what stands behind the end of the coding is nothing of the body
        }

        if (!TryHold())
        {
            return DecodeResult.NoMemory;
        }

        byte[] piece = _memory.Arrays.Rent(PieceLength);
        try
        {
            return _coding switch
            {
                ContentCoding.Brotli => DecodeBrotli(coded, piece, sink),
                ContentCoding.Gzip or ContentCoding.Deflate or ContentCoding.Zstd => Inflate(coded, piece, sink),
                _ => DecodeResult.Invalid,
            };
        }
        catch (Exception e) when (e is InvalidDataException or ZstdException or IOException)
        {
            return DecodeResult.Invalid;
        }
        finally
        {
            _memory.Arrays.Return(piece);
        }
    }

    public void Dispose()
    {
        _brotli.Dispose();
        _inflate?.Dispose();
        _memory.Return(_charged);
        _charged = 0;
    }

    private DecodeResult Inflate(ReadOnlySpan<byte> coded, byte[] piece, DecodedSink sink)
    {
        _fed ??= new FedStream();
        _fed.Feed(coded);
        _inflate ??= OpenInflater();
        if (_inflate is null)
        {
            return DecodeResult.Decoded; // its first two bytes tell which one it is
        }

        int read;
        while ((read = _inflate.Read(piece, 0, PieceLength)) > 0)
        {
            DecodeResult taken = Take(piece.AsSpan(0, read), sink);
            if (taken != DecodeResult.Decoded)
            {
                return taken;
            }
        }

        _ended = _fed.HasRest;
        _fed.Shrink();
        return DecodeResult.Decoded;
    }

    private DecodeResult DecodeBrotli(ReadOnlySpan<byte> coded, byte[] piece, DecodedSink sink)
    {
        while (true)
        {
            OperationStatus status = _brotli.Decompress(
                coded,
                piece.AsSpan(0, PieceLength),
                out int consumed,
                out int written
            );
            coded = coded[consumed..];
            DecodeResult taken = written > 0 ? Take(piece.AsSpan(0, written), sink) : DecodeResult.Decoded;
            if (taken != DecodeResult.Decoded)
            {
                return taken;
            }

            _ended = status == OperationStatus.Done;
            if (status != OperationStatus.DestinationTooSmall)
            {
                return status == OperationStatus.InvalidData ? DecodeResult.Invalid : DecodeResult.Decoded;
            }
        }
    }

    private DecodeResult Take(ReadOnlySpan<byte> piece, DecodedSink sink)
    {
        _decoded += piece.Length;
        return !_allowance.TryTake(piece.Length) ? DecodeResult.Limit
            : !TryHold() ? DecodeResult.NoMemory
            : sink(piece) ? DecodeResult.Decoded
            : DecodeResult.Stopped;
    }

    // "deflate" is zlib (RFC 9110, 8.4.1.2), but some servers have always sent raw deflate. Zlib's header is divisible
    // by 31 (RFC 1950, 2.2), and its low four bits are 8, which begins no raw deflate that an encoder writes.
    private Stream? OpenInflater()
    {
        switch (_coding)
        {
            case ContentCoding.Gzip:
                return new GZipStream(_fed!, CompressionMode.Decompress);
            case ContentCoding.Zstd:
                var zstd = new DecompressionStream(_fed!, PieceLength, checkEndOfStream: false);
                zstd.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, ZstdWindowLog);
                return zstd;
            default:
                return _fed!.Rest is not [var method, var flags, ..] ? null
                    : (method & 15) == 8 && ((method << 8) | flags) % 31 == 0
                        ? new ZLibStream(_fed, CompressionMode.Decompress)
                    : new DeflateStream(_fed, CompressionMode.Decompress);
        }
    }

    // The windows grow as they are written to. They may be twice as long as what is in them.
    private bool TryHold()
    {
        long window = _coding switch
        {
            ContentCoding.Brotli => Math.Min(LargestBrotliWindow, 2 * _decoded),
            ContentCoding.Zstd => Math.Min(1L << ZstdWindowLog, 2 * _decoded),
            _ => 0,
        };
        long first = _coding == ContentCoding.Zstd ? FirstMemoryOfZstd : FirstMemory;
        long more = first + (window & -WindowStep) - _charged;
        if (more <= 0)
        {
            return true;
        }

        if (!_memory.TryTake(more))
        {
            return false;
        }

        _charged += more;
        return true;
    }
}
