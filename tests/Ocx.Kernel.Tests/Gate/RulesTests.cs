using System.Net.Sockets;
using Ocx.Gate.Queues;
using Ocx.Gate.Rules;
using Ocx.Kernel.Tests.Harness;
using Ocx.Netfilter;
using NetworkNamespace = Ocx.Kernel.Tests.Harness.NetworkNamespace;

namespace Ocx.Kernel.Tests.Gate;

/// <summary>The gate's rules in a real kernel: set, changed, taken over, taken away.</summary>
public class RulesTests : KernelTest
{
    private static readonly QueueRange s_queues = new(GatedPair.FirstQueue, 1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Rules_are_set_changed_and_taken_away_and_no_others_are_touched()
    {
        using var host = new NetworkNamespace();
        using var network = Ocx.Netfilter.NetworkNamespace.Open(host.Name);
        var rules = new NamespaceRules(network, s_queues);
        host.Exec("iptables", "-t", "mangle", "-A", "INPUT", "-p", "udp", "-j", "ACCEPT");
        host.Exec("ip6tables", "-t", "mangle", "-N", "MINE");
        string before = List(host);

        rules.Set([new QueuedPort(8080, false), new QueuedPort(443, true)]);
        string set = List(host);
        Assert.Contains("--dport 8080 -j NFQUEUE --queue-num 20480\n", set, StringComparison.Ordinal);
        Assert.Contains("--sport 443 -j NFQUEUE --queue-num 20480 --queue-bypass\n", set, StringComparison.Ordinal);
        rules.Set([new QueuedPort(443, true), new QueuedPort(8080, false)]);
        Assert.Equal(set, List(host));

        rules.Set([new QueuedPort(8081, false)]);
        Assert.DoesNotContain("8080", List(host), StringComparison.Ordinal);
        Assert.Contains("-A INPUT -p udp -j ACCEPT", List(host), StringComparison.Ordinal);

        rules.Remove();
        Assert.Equal(before, List(host));
        rules.Remove();
        Assert.Equal(before, List(host));
    }

    [Fact]
    public void Rules_of_a_killed_gate_are_taken_over_whatever_is_left_of_them()
    {
        using var host = new NetworkNamespace();
        using var network = Ocx.Netfilter.NetworkNamespace.Open(host.Name);
        var killed = new NamespaceRules(network, new QueueRange(99, 3));
        killed.Set([new QueuedPort(8080, false)]);
        // Another's rule before the gate's would see packets first; a second jump would ask twice.
        host.Exec("iptables", "-t", "mangle", "-I", "INPUT", "-p", "tcp", "-j", "ACCEPT");
        host.Exec("iptables", "-t", "mangle", "-A", "INPUT", "-j", RuleText.InputChain);
        host.Exec("ip6tables", "-t", "mangle", "-D", "OUTPUT", "-j", RuleText.OutputChain);

        var rules = new NamespaceRules(network, s_queues);
        rules.Set([new QueuedPort(8080, true)]);
        string[] lines = List(host).Split('\n');
        Assert.DoesNotContain(lines, line => line.Contains("99:101", StringComparison.Ordinal));
        Assert.Equal(2, lines.Count(line => line == $"-A INPUT -j {RuleText.InputChain}"));
        Assert.Equal(2, lines.Count(line => line == $"-A OUTPUT -j {RuleText.OutputChain}"));
        Assert.Equal(
            $"-A INPUT -j {RuleText.InputChain}",
            lines.First(line => line.StartsWith("-A INPUT ", StringComparison.Ordinal))
        );
        rules.Remove();
        Assert.DoesNotContain("OCX", List(host), StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_gate_in_a_namespace_is_refused_and_the_first_one_keeps_its_rules()
    {
        using var pair = new GatedPair(false, (exits, id, _, _) => Pass(exits, id));
        string set = List(pair.Server);

        NetfilterException taken = Assert.Throws<NetfilterException>(() => Open(pair, GatedPair.FirstQueue));
        Assert.Contains("another gate", taken.Message, StringComparison.Ordinal);

        using GatedNamespace other = Open(pair, 7);
        RulesException refused = Assert.Throws<RulesException>(() => other.SetPorts([new QueuedPort(9090, false)]));
        Assert.Contains("packet queue 20480", refused.Message, StringComparison.Ordinal);
        Assert.Equal(set, List(pair.Server));

        // The client's namespace is another.
        using GatedNamespace elsewhere = GatedNamespace.Open(
            Ocx.Netfilter.NetworkNamespace.Open(pair.Client.Name),
            s_queues,
            new PacketQueueOptions { Number = 0 },
            exits => new PacketDecider(exits, (ways, id, _, _) => Pass(ways, id))
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_gate_held_when_it_was_gone_is_sent_again(bool passWithoutGate)
    {
        var pair = new GatedPair(
            false,
            (exits, id, isInput, packet) =>
                (isInput || new PacketView(packet.ToArray()).Data.Length == 0) && Pass(exits, id),
            passWithoutGate: passWithoutGate
        );
        try
        {
            (Socket client, Socket server) = await pair.ConnectAsync();
            using (client)
            using (server)
            {
                await server.SendAsync("answer"u8.ToArray(), Cancellation);
                await pair.HoldingAsync();
                pair.Abandon();
                pair.Gate.Dispose();
                Task<string> reading = GatedPair.ReadTextAsync(client, 6);
                if (!passWithoutGate)
                {
                    // Sent again and dropped, until there is a gate.
                    await GatedPair.WaitAsync(() => Retransmissions(pair) > 2);
                    Assert.False(reading.IsCompleted);
                    GatedNamespace next = Open(pair, GatedPair.FirstQueue);
                    Assert.Equal("answer", await reading);
                    next.Dispose();
                }
                Assert.Equal("answer", await reading);
            }
        }
        finally
        {
            pair.Dispose();
        }
    }

    [Fact]
    public async Task Changing_ports_leaves_no_gap()
    {
        int asked = 0;
        using var pair = new GatedPair(
            false,
            (exits, id, isInput, packet) =>
            {
                if (isInput && new PacketView(packet.ToArray()).Data.Length > 0)
                {
                    Interlocked.Increment(ref asked);
                }
                return Pass(exits, id);
            }
        );
        (Socket client, Socket server) = await pair.ConnectAsync();
        using (client)
        using (server)
        {
            server.NoDelay = true;
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            int sent = 0;
            Task calling = Task.Run(
                async () =>
                {
                    while (!ending.IsCancellationRequested)
                    {
                        await client.SendAsync("call"u8.ToArray(), Cancellation);
                        sent++;
                        await GatedPair.ReadAsync(server, 4);
                    }
                },
                Cancellation
            );
            for (ushort port = 9000; port < 9010 || (Volatile.Read(ref sent) <= 100 && port < 9200); port++)
            {
                pair.Gate.SetPorts([new QueuedPort(GatedPair.Port, false), new QueuedPort(port, false)]);
            }
            await ending.CancelAsync();
            await calling;
            Assert.True(sent > 100);
            Assert.InRange(asked, sent, sent + 10);
        }
    }

    private static GatedNamespace Open(GatedPair pair, ushort queue) =>
        GatedNamespace.Open(
            Ocx.Netfilter.NetworkNamespace.Open(pair.Server.Name),
            new QueueRange(queue, 1),
            new PacketQueueOptions { Number = queue },
            exits => new PacketDecider(exits, (ways, id, _, _) => Pass(ways, id))
        );

    private static bool Pass(Ocx.Gate.Holding.IPacketExits exits, uint id)
    {
        exits.Accept(id);
        return true;
    }

    private static long Retransmissions(GatedPair pair) =>
        pair
            .Server.Exec("nstat", "-a", "-s", "-z", "TcpRetransSegs")
            .Split('\n')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words is ["TcpRetransSegs", ..])
            .Sum(words => long.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture));

    private static string List(NetworkNamespace host) =>
        host.Exec("iptables", "-t", "mangle", "-S") + host.Exec("ip6tables", "-t", "mangle", "-S");
}
