using Ocx.Cli.Calls;
using Ocx.Cli.Pcap;

namespace Ocx.Cli.Record;

/// <summary>Writes segments to a file until it is full.</summary>
internal sealed class Recording(PcapNgWriter file, long maxSize, SkippedLines skipped)
{
    private readonly SegmentPackets _packets = new();

    /// <summary>Packets written.</summary>
    public long Packets { get; private set; }

    /// <summary>Did the next packet not fit?</summary>
    public bool IsFull { get; private set; }

    /// <summary>Writes what an agent prints, until its end or until the file is full.</summary>
    public async Task RunAsync(Stream output, CancellationToken cancellation)
    {
        await foreach (
            ReadOnlyMemory<byte> line in CallLog.ReadLinesAsync(output, skipped, cancellation).ConfigureAwait(false)
        )
        {
            if (RecordedSegment.TryParse(line) is not { } segment)
            {
                skipped.Add();
            }
            else if (!TryWrite(segment))
            {
                return;
            }
        }
    }

    private bool TryWrite(RecordedSegment segment)
    {
        foreach ((byte[] packet, int originalLength) in _packets.Of(segment))
        {
            if (file.Length + PcapNgWriter.SizeOf(packet.Length) > maxSize)
            {
                IsFull = true;
                return false;
            }

            file.Write(segment.UnixNs, packet, originalLength);
            Packets++;
        }

        return true;
    }
}
