using System.Buffers.Binary;
using Ocx.McpBench;
using Ocx.TapBench.Ring;

namespace Ocx.TapBench.Calls;

/// <summary>
/// The packets of a session of many calls, and again the same calls further on in the same connections.
/// </summary>
internal sealed class CallFrames
{
    private const int Sequence = 38,
        Acknowledgment = 42;

    private readonly List<(byte[] Frame, uint Advance, uint PeerAdvance)> _frames = [];

    public CallFrames(Session session)
    {
        var sent = session
            .Segments.ToArray()
            .GroupBy(segment => (segment.Source, segment.Destination))
            .ToDictionary(side => side.Key, side => (uint)side.Sum(segment => segment.Payload.Length));
        foreach (Segment segment in session.Segments)
        {
            byte[] frame = Frame.Build(segment.Source, segment.Destination, segment.Payload);
            BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(Sequence), segment.Sequence);
            BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(Acknowledgment), segment.Acknowledgment);
            _frames.Add(
                (frame, sent[(segment.Source, segment.Destination)], sent[(segment.Destination, segment.Source)])
            );
        }
    }

    public int Count => _frames.Count;

    /// <summary>Sends all packets; each then stands for the same one of the next pass.</summary>
    public void SendAll(VethSource packets)
    {
        foreach ((byte[] frame, uint advance, uint peerAdvance) in _frames)
        {
            packets.Send(frame);
            Add(frame.AsSpan(Sequence), advance);
            Add(frame.AsSpan(Acknowledgment), peerAdvance);
        }
    }

    private static void Add(Span<byte> number, uint advance) =>
        BinaryPrimitives.WriteUInt32BigEndian(number, BinaryPrimitives.ReadUInt32BigEndian(number) + advance);
}
