using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using ZstdSharp;

namespace Ocx.Cli.Pcap;

/// <summary>
/// Reads compressed captures (<c>.pcap.gz</c>, <c>.pcapng.zst</c>) as if they were not. What is unpacked is never held:
/// a small file that becomes a large one takes time, and no memory.
/// </summary>
internal static class Compression
{
    // RFC 1952, 2.3.1, with deflate, its only method; RFC 8878, 3.1.1.
    private static ReadOnlySpan<byte> Gzip => [0x1F, 0x8B, 8];

    private static ReadOnlySpan<byte> Zstandard => [0x28, 0xB5, 0x2F, 0xFD];

    /// <summary>What the stream holds, unpacked where its first bytes say that it is packed.</summary>
    public static Stream Open(Stream stream)
    {
        PipeReader reader = PipeReader.Create(
            stream,
            new StreamPipeReaderOptions(bufferSize: 64 << 10, leaveOpen: true)
        );
        ReadOnlySequence<byte> beginning = reader
            .ReadAtLeastAsync(Zstandard.Length)
            .AsTask()
            .GetAwaiter()
            .GetResult()
            .Buffer;
        Span<byte> magic = stackalloc byte[Zstandard.Length];
        magic = magic[..(int)Math.Min(beginning.Length, magic.Length)];
        beginning.Slice(0, magic.Length).CopyTo(magic);
        reader.AdvanceTo(beginning.Start);
        Stream whole = reader.AsStream();
        return magic.StartsWith(Gzip) ? new GZipStream(whole, CompressionMode.Decompress)
            : magic.SequenceEqual(Zstandard) ? new DecompressionStream(whole)
            : whole;
    }

    /// <summary>Is this how one of the decoders says that its input is damaged?</summary>
    public static bool IsDamage(Exception wrong) => wrong is InvalidDataException or ZstdException;
}
