namespace Ocx.Cli.Pcap;

/// <summary>The bytes of a capture file, from front to back and never more than one record of them in memory.</summary>
internal sealed class CaptureInput(Stream stream)
{
    // Above the largest packet that Linux has (BIG TCP, 512 KiB). A length beyond it is damage, not data.
    public const int LongestRecord = 1 << 20;

    private byte[] _buffer = new byte[64 << 10];

    /// <summary>Where the next byte stands in the file, unpacked.</summary>
    public long Position { get; private set; }

    /// <summary>Did the file end before what it had announced?</summary>
    public bool IsCut { get; private set; }

    /// <summary>The next bytes, valid until the next call; fewer than asked for only at the file's end.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        if (count > _buffer.Length)
        {
            _buffer = new byte[count];
        }

        int read = Read(_buffer.AsSpan(0, count));
        Position += read;
        return _buffer.AsSpan(0, read);
    }

    /// <summary>The next bytes, all of them, or empty and <see cref="IsCut"/> when the file ends before.</summary>
    public bool TryTake(int count, out ReadOnlySpan<byte> bytes)
    {
        bytes = Take(count);
        IsCut |= bytes.Length < count;
        return bytes.Length == count;
    }

    /// <summary>As <see cref="TryTake"/>, where the file may also end in order.</summary>
    public bool TryTakeNext(int count, out ReadOnlySpan<byte> bytes)
    {
        bytes = Take(count);
        IsCut |= bytes.Length > 0 && bytes.Length < count;
        return bytes.Length == count;
    }

    /// <summary>Passes over bytes.</summary>
    public bool TrySkip(long count)
    {
        while (count > 0)
        {
            int part = (int)Math.Min(count, _buffer.Length);
            if (!TryTake(part, out _))
            {
                return false;
            }

            count -= part;
        }

        return true;
    }

    private int Read(Span<byte> to)
    {
        try
        {
            return stream.ReadAtLeast(to, to.Length, throwOnEndOfStream: false);
        }
        catch (EndOfStreamException)
        {
            IsCut = true; // within a compressed block, of which nothing can be read
            return 0;
        }
        catch (Exception wrong) when (Compression.IsDamage(wrong))
        {
            throw new CaptureFormatException($"at byte {Position}, unpacked: the compressed data is damaged");
        }
    }
}
