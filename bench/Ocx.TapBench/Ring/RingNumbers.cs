using System.Globalization;

namespace Ocx.TapBench.Ring;

/// <summary>What one process measured, ours or the peer; one line of five numbers between processes.</summary>
/// <param name="NsPerPacket">Kernel time a packet while the reader keeps up.</param>
/// <param name="EventsPerSecond">Records into the reader when packets come without a pause.</param>
/// <param name="BytesPerSecond">Their payload.</param>
/// <param name="DroppedShare">Packets that found the ring full, of those.</param>
/// <param name="DrainNsPerEvent">
/// Time a record when the reader empties a ring that was filled before: measured alone, and 0 beside the others.
/// </param>
internal readonly record struct RingNumbers(
    double NsPerPacket,
    double EventsPerSecond,
    double BytesPerSecond,
    double DroppedShare,
    double DrainNsPerEvent
)
{
    public static RingNumbers Parse(string line)
    {
        double[] n = [.. line.Split(' ').Select(field => double.Parse(field, CultureInfo.InvariantCulture))];
        return new RingNumbers(n[0], n[1], n[2], n[3], n[4]);
    }

    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{NsPerPacket:F6} {EventsPerSecond:F6} {BytesPerSecond:F6} {DroppedShare:F6} {DrainNsPerEvent:F6}"
        );
}
