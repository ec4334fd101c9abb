namespace Ocx.Gate.Tests.Packets;

/// <summary>
/// Packets that Linux sent over a veth pair without checksum offload: <c>HTTP/1.1 204 No Content</c>, 27 bytes, from
/// port 8080 with timestamps. tshark finds their checksums right.
/// </summary>
internal static class KnownPackets
{
    public const string Payload = "HTTP/1.1 204 No Content\r\n\r\n";

    public static byte[] IPv4 =>
        Convert.FromHexString(
            "4500004f8ffd4000400696970a0900020a090001"
                + "1f909cc4f8ccd671f7ad4a6480180040ae9e00000101080af8081f4b5d00f864"
                + "485454502f312e3120323034204e6f20436f6e74656e740d0a0d0a"
        );

    public static byte[] IPv6 =>
        Convert.FromHexString(
            "6000b27f003b0640fd090000000000000000000000000002fd090000000000000000000000000001"
                + "1f90a3f6fbd1cf1e58c2df688018003f0c1600000101080aefe6bf719777e973"
                + "485454502f312e3120323034204e6f20436f6e74656e740d0a0d0a"
        );

    /// <summary>Both, by their IP version.</summary>
    public static byte[] Of(int version) => version == 4 ? IPv4 : IPv6;

    /// <summary>The same IPv6 packet with extension headers before TCP.</summary>
    /// <param name="first">The first one's number.</param>
    /// <param name="extensions">The headers, each with the number of the next.</param>
    public static byte[] With(byte first, params byte[] extensions)
    {
        byte[] packet = [.. IPv6[..40], .. extensions, .. IPv6[40..]];
        packet[6] = first;
        packet[5] += (byte)extensions.Length;
        return packet;
    }

    /// <summary>
    /// The TCP checksum of a packet by a loop over 16-bit words: another way than the product's. 0 means right.
    /// </summary>
    public static int ChecksumOf(ReadOnlySpan<byte> packet)
    {
        bool isIPv4 = packet[0] >> 4 == 4;
        ReadOnlySpan<byte> tcp = packet[(isIPv4 ? (packet[0] & 15) * 4 : 40)..];
        byte[] summed = [.. isIPv4 ? packet[12..20] : packet[8..40], 0, 6, .. tcp, 0];
        int sum = tcp.Length;
        for (int at = 0; at + 1 < summed.Length; at += 2)
        {
            sum += (summed[at] << 8) | summed[at + 1];
            sum = (sum & 0xffff) + (sum >> 16);
        }

        return sum ^ 0xffff;
    }

    /// <summary>The same of an IPv4 header.</summary>
    public static int HeaderChecksumOf(ReadOnlySpan<byte> packet)
    {
        int sum = 0;
        for (int at = 0; at < (packet[0] & 15) * 4; at += 2)
        {
            sum += (packet[at] << 8) | packet[at + 1];
            sum = (sum & 0xffff) + (sum >> 16);
        }

        return sum ^ 0xffff;
    }
}
