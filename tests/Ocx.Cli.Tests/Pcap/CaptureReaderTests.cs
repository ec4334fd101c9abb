using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using Ocx.Cli.Pcap;
using Properties = FsCheck.Check;

namespace Ocx.Cli.Tests.Pcap;

/// <summary>What is read of a capture file, and what becomes of one that is damaged.</summary>
public sealed class CaptureReaderTests
{
    private const uint At = 1_700_000_000;

    [Theory]
    [InlineData((byte)6, 1_000_000UL, 250_000UL, 250_000_000)] // microseconds
    [InlineData((byte)9, 1_000_000_000UL, 250_000_001UL, 250_000_001)] // nanoseconds
    [InlineData((byte)3, 1_000UL, 250UL, 250_000_000)] // milliseconds
    [InlineData((byte)0, 1UL, 0UL, 0)] // seconds
    [InlineData((byte)(0x80 | 10), 1024UL, 256UL, 250_000_000)] // 1/1024 s
    public void A_packet_has_the_time_that_its_interface_counts_in(
        byte resolution,
        ulong unitsPerSecond,
        ulong fraction,
        long ns
    )
    {
        byte[] file =
        [
            .. CaptureFiles.Section(),
            .. CaptureFiles.Interface(101, resolution),
            .. CaptureFiles.Packet(0, (At * unitsPerSecond) + fraction, [1, 2, 3]),
        ];

        Assert.Equal([((At * 1_000_000_000L) + ns, 3)], ReadAll(file).Packets);
    }

    [Fact]
    public void Sections_have_their_own_byte_order_and_interfaces_and_simple_packets_the_last_time()
    {
        byte[] file =
        [
            .. CaptureFiles.Section(bigEndian: true),
            .. CaptureFiles.Interface(101, 9, bigEndian: true),
            .. CaptureFiles.Interface(101, 6, bigEndian: true),
            .. CaptureFiles.Packet(1, 5_000_000, [1], bigEndian: true),
            .. CaptureFiles.Block(5, new byte[16], bigEndian: true), // interface statistics: passed over
            .. CaptureFiles.Section(),
            .. CaptureFiles.Interface(101, 9),
            .. CaptureFiles.Packet(0, 7_000_000_000, [1, 2]),
            .. CaptureFiles.Block(3, [.. CaptureFiles.Words(false, 5), 1, 2, 3, 4, 5]),
        ];

        Assert.Equal([(5_000_000_000, 1), (7_000_000_000, 2), (7_000_000_000, 5)], ReadAll(file).Packets);
    }

    [Fact]
    public void The_obsolete_packet_block_and_the_modified_format_of_old_systems_are_read()
    {
        byte[] pcapng =
        [
            .. CaptureFiles.Section(),
            .. CaptureFiles.Interface(101, 6),
            .. CaptureFiles.Block(2, [0, 0, 7, 0, .. CaptureFiles.Words(false, 0, 5_000_000, 3, 3), 1, 2, 3]),
        ];
        byte[] modified =
        [
            .. CaptureFiles.Words(false, 0xa1b2cd34, 0x00040002, 0, 0, 65535, 101),
            .. CaptureFiles.Words(false, 5, 0, 3, 3),
            .. new byte[8],
            1,
            2,
            3,
        ];

        Assert.Equal([(5_000_000_000, 3)], ReadAll(pcapng).Packets);
        Assert.Equal([(5_000_000_000, 3)], ReadAll(modified).Packets);
    }

    [Fact]
    public void A_packet_of_an_interface_that_is_not_described_is_damage() =>
        Assert.Contains(
            "interface 3",
            ReadAll([
                .. CaptureFiles.Section(),
                .. CaptureFiles.Interface(101, 6),
                .. CaptureFiles.Packet(3, 1, [1]),
            ]).Damage,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_length_that_no_packet_has_is_damage_and_no_reason_to_take_memory()
    {
        byte[] file = CaptureFiles.Read(CaptureFiles.Streamable);
        file.AsSpan(24 + 8, 4).Fill(0xFF);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Contains("4294967295 bytes", ReadAll(file).Damage, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Every_prefix_of_a_file_gives_its_whole_packets_and_says_when_it_was_cut()
    {
        byte[] file = CaptureFiles.Read(CaptureFiles.Streamable)[..5000];
        int whole = 0;
        for (int length = 24; length <= file.Length; length++)
        {
            Reading reading = ReadAll(file[..length]);
            Assert.Null(reading.Damage);
            Assert.InRange(reading.Packets.Count, whole, whole + 1);
            bool grown = reading.Packets.Count > whole;
            Assert.Equal(length > 24 && !grown, reading.IsCut);
            whole = reading.Packets.Count;
        }

        Assert.True(whole > 5);
    }

    [Fact]
    public void Any_bytes_end_in_packets_or_in_one_line() =>
        Properties.One(
            Config.QuickThrowOnFailure.WithMaxTest(2000),
            Prop.ForAll(
                ArbMap.Default.GeneratorFor<byte[]>().ToArbitrary(),
                bytes =>
                    Survives(bytes) && Survives([.. CaptureFiles.Section(), .. CaptureFiles.Interface(1, 6), .. bytes])
            )
        );

    [Fact]
    public void Damage_anywhere_in_a_file_ends_in_packets_or_in_one_line()
    {
        byte[] pcap = CaptureFiles.Read(CaptureFiles.Streamable)[..4000];
        byte[] pcapng =
        [
            .. CaptureFiles.Section(),
            .. CaptureFiles.Interface(1, 6),
            .. CaptureFiles.Packet(0, 9, pcap[40..400]),
            .. CaptureFiles.Packet(0, 10, pcap[400..800]),
        ];
        Gen<(bool Classic, int At, byte Value)[]> damages = Gen.ArrayOf(
            from classic in ArbMap.Default.GeneratorFor<bool>()
            from at in Gen.Choose(0, 3999)
            from value in ArbMap.Default.GeneratorFor<byte>()
            select (classic, at, value)
        );
        Properties.One(
            Config.QuickThrowOnFailure.WithMaxTest(2000),
            Prop.ForAll(
                damages.ToArbitrary(),
                damage =>
                {
                    byte[] a = [.. pcap],
                        b = [.. pcapng];
                    foreach ((bool classic, int at, byte value) in damage)
                    {
                        byte[] hit = classic ? a : b;
                        hit[at % hit.Length] = value;
                    }

                    return Survives(a) && Survives(b);
                }
            )
        );
    }

    private static bool Survives(byte[] file)
    {
        long start = Stopwatch.GetTimestamp();
        ReadAll(file, parse: true);
        return Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(5);
    }

    private static Reading ReadAll(byte[] file, bool parse = false)
    {
        var packets = new List<(long, int)>();
        CaptureReader? reader = null;
        try
        {
            reader = CaptureReader.Open(new MemoryStream(file));
            while (reader.TryRead(out CapturedPacket packet))
            {
                packets.Add((packet.TimestampUnixNs, packet.Data.Length));
                if (parse)
                {
                    SegmentParser.Parse(packet, out _);
                }
            }

            return new Reading(packets, reader.IsCut, null);
        }
        catch (CaptureFormatException damage)
        {
            Assert.DoesNotContain('\n', damage.Message);
            return new Reading(packets, reader?.IsCut ?? false, damage.Message);
        }
    }

    private sealed record Reading(IReadOnlyList<(long Time, int Length)> Packets, bool IsCut, string? Damage);
}
