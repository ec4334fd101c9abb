using System.Net.Sockets;
using Ocx.Gate.Holding;
using Ocx.Kernel.Tests.Harness;
using Ocx.Netfilter;

namespace Ocx.Kernel.Tests.Gate;

/// <summary>Packets of real connections through a real queue: passed, dropped, held, rewritten, answered.</summary>
public class QueueTests : KernelTest
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_passes_is_unchanged_both_ways(bool isIpv6)
    {
        using var pair = new GatedPair(isIpv6, Pass);
        (Socket client, Socket server) = await pair.ConnectAsync();
        using (client)
        using (server)
        {
            byte[] data = new byte[7_654_321];
            new Random(7).NextBytes(data);
            foreach ((Socket from, Socket to) in new[] { (client, server), (server, client) })
            {
                Task<byte[]> reading = GatedPair.ReadAsync(to, data.Length);
                await from.SendAsync(data, Cancellation);
                Assert.Equal(data, await reading);
            }
        }
        Assert.Equal(0, pair.Gate.Workers[0].Lost);
        Assert.Equal(0, pair.Gate.Workers[0].Failed);
        Assert.True(pair.Gate.Workers[0].Statistics.LastId > 100);
    }

    [Fact]
    public async Task What_is_dropped_is_sent_again()
    {
        int dropped = 0;
        using var pair = new GatedPair(
            false,
            (exits, id, isInput, packet) =>
            {
                if (isInput && Data(packet).Length > 0 && dropped == 0)
                {
                    dropped++;
                    exits.Drop(id);
                    return true;
                }
                exits.Accept(id);
                return true;
            }
        );
        (Socket client, Socket server) = await pair.ConnectAsync();
        using (client)
        using (server)
        {
            await client.SendAsync("call"u8.ToArray(), Cancellation);
            Assert.Equal("call", await GatedPair.ReadTextAsync(server, 4));
        }
        Assert.Equal(1, dropped);
    }

    [Theory]
    [InlineData(false, 300)]
    [InlineData(true, 300)]
    [InlineData(false, 60_000)]
    [InlineData(true, 60_000)]
    public async Task What_is_rewritten_arrives_rewritten(bool isIpv6, int length)
    {
        int longest = 0;
        using var pair = new GatedPair(
            isIpv6,
            (exits, id, isInput, packet) =>
            {
                if (isInput || Data(packet).Length == 0)
                {
                    exits.Accept(id);
                    return true;
                }
                longest = Math.Max(longest, packet.Length);
                byte[] copy = packet.ToArray();
                var view = new PacketView(copy);
                view.Data.Replace((byte)'a', (byte)'b');
                view.SetChecksum();
                exits.Accept(id, copy);
                return true;
            }
        );
        (Socket client, Socket server) = await pair.ConnectAsync();
        using (client)
        using (server)
        {
            byte[] data = new byte[length];
            Array.Fill(data, (byte)'a');
            // Twenty of them: by then the congestion window lets a whole one go at once, if the machine is not busy.
            for (int round = 0; round < 20 || (Volatile.Read(ref longest) <= length * 2 / 3 && round < 2000); round++)
            {
                Task<byte[]> reading = GatedPair.ReadAsync(client, length);
                await server.SendAsync(data, Cancellation);
                Assert.DoesNotContain((byte)'a', await reading);
            }
        }
        Assert.True(longest > length * 2 / 3, $"the longest packet had {longest} bytes");
        Assert.Equal(0, pair.Gate.Workers[0].Failed);
        Assert.DoesNotContain("InCsumErrors", pair.Client.Exec("nstat", "-a", "-s"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_held_arrives_when_it_is_released_and_not_before(bool isIpv6)
    {
        using var pair = new GatedPair(isIpv6, HoldAnswers);
        (Socket client, Socket server) = await pair.ConnectAsync();
        using (client)
        using (server)
        {
            await client.SendAsync("call"u8.ToArray(), Cancellation);
            await GatedPair.ReadAsync(server, 4);
            await server.SendAsync("answer"u8.ToArray(), Cancellation);
            await pair.HoldingAsync();
            Task<string> reading = GatedPair.ReadTextAsync(client, 6);
            await Task.Delay(1000, Cancellation);
            Assert.False(reading.IsCompleted);
            Assert.True(pair.Gate.Workers[0].Statistics.Waiting > 0);
            pair.Release();
            Assert.Equal("answer", await reading);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_full_queue_drops_and_counts_or_lets_the_rest_go_on(bool passWhenFull)
    {
        using var pair = new GatedPair(
            false,
            HoldAnswers,
            options: new PacketQueueOptions
            {
                Number = GatedPair.FirstQueue,
                MaxLength = 3,
                PassWhenFull = passWhenFull,
            }
        );
        var all = new List<(Socket Client, Socket Server)>();
        try
        {
            for (int number = 0; number < 4; number++)
            {
                all.Add(await pair.ConnectAsync());
            }
            for (int number = 0; number < 3; number++)
            {
                await all[number].Server.SendAsync("held"u8.ToArray(), Cancellation);
                await pair.HoldingAsync(number + 1);
            }
            await all[3].Server.SendAsync("rest"u8.ToArray(), Cancellation);
            if (!passWhenFull)
            {
                await GatedPair.WaitAsync(() => pair.Gate.Workers[0].Statistics.DroppedFull > 0);
                Assert.Equal(0, all[3].Client.Available);
                pair.Release();
            }
            Assert.Equal("rest", await GatedPair.ReadTextAsync(all[3].Client, 4));
            if (passWhenFull)
            {
                Assert.Equal(0, all[0].Client.Available);
                pair.Release();
            }
            Assert.Equal("held", await GatedPair.ReadTextAsync(all[0].Client, 4));
        }
        finally
        {
            foreach ((Socket client, Socket server) in all)
            {
                client.Dispose();
                server.Dispose();
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_finds_no_room_in_the_receive_buffer_is_counted(bool passWhenFull)
    {
        using var working = new ManualResetEventSlim();
        using var pair = new GatedPair(
            false,
            (exits, id, isInput, packet) =>
            {
                if (Data(packet).Length > 0)
                {
                    working.Wait(Cancellation);
                }
                return Pass(exits, id, isInput, packet);
            },
            options: new PacketQueueOptions
            {
                Number = GatedPair.FirstQueue,
                PassWhenFull = passWhenFull,
                ReceiveBuffer = 1,
            }
        );
        try
        {
            (Socket client, Socket server) = await pair.ConnectAsync();
            using (client)
            using (server)
            {
                // The worker has the first packet, and what follows fills the buffer.
                byte[] data = new byte[50_000];
                Task<byte[]> reading = GatedPair.ReadAsync(server, data.Length);
                await client.SendAsync(data, Cancellation);
                if (passWhenFull)
                {
                    await reading;
                }
                else
                {
                    await GatedPair.WaitAsync(() => pair.Gate.Workers[0].Statistics.DroppedUnreceived > 0);
                    Assert.False(reading.IsCompleted);
                }
                working.Set();
                await reading;
                await GatedPair.WaitAsync(() => pair.Gate.Workers[0].Lost > 0);
            }
        }
        finally
        {
            working.Set();
        }
    }

    [Fact]
    public async Task A_packet_that_passes_costs_no_memory()
    {
        const int warmup = 500,
            rounds = 2003;
        int calls = 0;
        long before = 0,
            after = -1;
        using var pair = new GatedPair(
            false,
            (exits, id, isInput, packet) =>
            {
                if (isInput && ++calls == warmup)
                {
                    before = GC.GetAllocatedBytesForCurrentThread();
                }
                else if (isInput && calls == rounds)
                {
                    Volatile.Write(ref after, GC.GetAllocatedBytesForCurrentThread());
                }
                return Pass(exits, id, isInput, packet);
            }
        );
        (Socket client, Socket server) = await pair.ConnectAsync();
        using (client)
        using (server)
        {
            server.NoDelay = true;
            while (Volatile.Read(ref after) < 0)
            {
                await client.SendAsync("call"u8.ToArray(), Cancellation);
                await GatedPair.ReadAsync(server, 4);
                await server.SendAsync("answer"u8.ToArray(), Cancellation);
                await GatedPair.ReadAsync(client, 6);
            }
        }
        Assert.Equal(0, after - before);
    }

    [Fact]
    public async Task A_packet_of_the_gates_own_passes_no_queue()
    {
        int own = 0;
        using var pair = new GatedPair(
            false,
            (exits, id, isInput, packet) => Refuse(exits, id, isInput, packet, ref own)
        );
        await RefusedAsync(pair);
        Assert.Equal(0, own);
    }

    [Fact]
    public async Task A_packet_of_the_gates_own_passes_no_queue_over_IPv6()
    {
        int own = 0;
        using var pair = new GatedPair(
            true,
            (exits, id, isInput, packet) => Refuse(exits, id, isInput, packet, ref own)
        );
        await RefusedAsync(pair);
        Assert.Equal(0, own);
    }

    [Fact]
    public async Task A_client_has_one_queue_and_queues_share_the_clients()
    {
        var seen = new System.Collections.Concurrent.ConcurrentDictionary<string, IPacketExits>();
        int mixed = 0;
        using var pair = new GatedPair(
            false,
            (exits, id, isInput, packet) =>
            {
                byte[] copy = packet.ToArray();
                string client = Convert.ToHexString(
                    isInput ? new PacketView(copy).Source : new PacketView(copy).Destination
                );
                if (seen.GetOrAdd(client, exits) != exits)
                {
                    Interlocked.Increment(ref mixed);
                }
                exits.Accept(id);
                return true;
            },
            queues: 4
        );
        for (int host = 10; host < 42; host++)
        {
            pair.Client.Ip($"address add 10.0.0.{host}/24 dev client0");
            using Socket client = pair.NewClient();
            client.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Parse($"10.0.0.{host}"), 0));
            await client.ConnectAsync(pair.Address, Cancellation);
        }
        Assert.Equal(0, mixed);
        Assert.Equal(32, seen.Count);
        // Each of 32 by chance in one of four: two or more are used, but once in 10^18.
        Assert.True(seen.Values.Distinct().Count() > 1);
    }

    // Linux puts fragments of IPv6 together behind the queue: the server gets what no packet in the queue had whole.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_fragmented_segment_reaches_the_server_unless_its_first_fragment_is_dropped(bool isDropped)
    {
        byte[]? segment = null;
        int fragments = 0;
        using var pair = new GatedPair(
            true,
            (exits, id, isInput, packet) =>
            {
                const byte fragmentHeader = 44;
                if (isInput && packet[6] == fragmentHeader)
                {
                    Volatile.Write(ref fragments, fragments + 1);
                    return isDropped ? Drop(exits, id) : Pass(exits, id, isInput, packet);
                }
                if (!isInput || Data(packet).Length == 0)
                {
                    return Pass(exits, id, isInput, packet);
                }
                byte[] copy = packet.ToArray();
                new PacketView(copy).SetChecksum();
                Volatile.Write(ref segment, copy);
                return Drop(exits, id);
            }
        );
        (Socket client, Socket server) = await pair.ConnectAsync();
        using (client)
        using (server)
        {
            await client.SendAsync("a call that no packet has whole"u8.ToArray(), Cancellation);
            await GatedPair.WaitAsync(() => Volatile.Read(ref segment) is not null);
            using (RawSender sender = pair.Client.Run(RawSender.Open))
            {
                // The first has the TCP header and the beginning of the data.
                sender.Send(PacketView.Fragment(segment!, 0, 40));
                sender.Send(PacketView.Fragment(segment!, 40, segment!.Length - 40 - 40));
                Assert.Equal(0, sender.Failed);
            }
            await GatedPair.WaitAsync(() => Volatile.Read(ref fragments) == 1);
            if (isDropped)
            {
                Assert.Equal(0, server.Available);
            }
            else
            {
                Assert.Equal("a call that no packet has whole", await GatedPair.ReadTextAsync(server, 31));
            }
        }
    }

    private static bool Pass(IPacketExits exits, uint id, bool isInput, ReadOnlySpan<byte> packet)
    {
        exits.Accept(id);
        return true;
    }

    private static bool Drop(IPacketExits exits, uint id)
    {
        exits.Drop(id);
        return true;
    }

    private static bool HoldAnswers(IPacketExits exits, uint id, bool isInput, ReadOnlySpan<byte> packet) =>
        (isInput || Data(packet).Length == 0) && Pass(exits, id, isInput, packet);

    // A call never reaches the server; an answer to it is made by the gate.
    private static bool Refuse(IPacketExits exits, uint id, bool isInput, ReadOnlySpan<byte> packet, ref int own)
    {
        if (Data(packet).Length == 0)
        {
            exits.Accept(id);
        }
        else if (isInput)
        {
            exits.Send(PacketView.Answer(packet, "refused"u8));
            exits.Drop(id);
        }
        else
        {
            own++;
            exits.Drop(id);
        }
        return true;
    }

    private static async Task RefusedAsync(GatedPair pair)
    {
        (Socket client, Socket server) = await pair.ConnectAsync();
        using (client)
        using (server)
        {
            await client.SendAsync("call"u8.ToArray(), Cancellation);
            Assert.Equal("refused", await GatedPair.ReadTextAsync(client, 7));
            Assert.Equal(0, server.Available);
        }
        Assert.Equal(0, pair.Gate.Workers[0].Unsent);
    }

    private static Span<byte> Data(ReadOnlySpan<byte> packet) => new PacketView(packet.ToArray()).Data;
}
