using System.Runtime.InteropServices;
using Ocx.Netfilter;

namespace Ocx.Fuzz;

/// <summary>What comes on a packet queue's socket.</summary>
internal static unsafe class QueueTarget
{
    /// <summary>
    /// Messages behind each other: each takes some bytes, and what is told of a packet lies in them. They end where the
    /// memory that was asked for ends.
    /// </summary>
    public static void Parse(byte[] input)
    {
        byte* bytes = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(input.Length, 1), sizeof(uint));
        try
        {
            input.CopyTo(new Span<byte>(bytes, input.Length));
            for (int position = 0; position < input.Length; )
            {
                int left = input.Length - position;
                QueueMessageKind kind = QueueMessage.Read(
                    bytes + position,
                    left,
                    out QueuedPacket packet,
                    out _,
                    out int consumed
                );
                FuzzTarget.Must(consumed > 0 && consumed <= left, "a message takes what is not there");
                FuzzTarget.Must(packet.Payload.Length <= consumed, "a packet is longer than its message");
                FuzzTarget.Must(
                    kind == QueueMessageKind.Packet || packet.Payload.IsEmpty,
                    "what is no packet has a payload"
                );
                fixed (byte* payload = packet.Payload)
                {
                    FuzzTarget.Must(
                        packet.Payload.IsEmpty
                            || (
                                payload >= bytes + position
                                && payload + packet.Payload.Length <= bytes + position + left
                            ),
                        "a payload lies outside of its message"
                    );
                }
                position += consumed;
            }
        }
        finally
        {
            NativeMemory.AlignedFree(bytes);
        }
    }
}
