using System.Net;
using System.Net.Sockets;
using System.Text;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests;

/// <summary>
/// A Service's address is translated to a pod's on the node, so that one connection passes the tap under two names.
/// </summary>
public sealed class TranslationTests : KernelTest
{
    private const int Calls = 7;

    private static readonly IPEndPoint s_service = new(IPAddress.Parse("10.96.0.10"), 8080);

    [Fact]
    public async Task A_call_through_a_service_whose_own_port_is_tapped_too_is_told_once_with_the_pods_address()
    {
        using var node = new BridgedNode();
        node.FirstPod.Ip($"route add default via {node.HostAddress}");
        node.SecondPod.Ip($"route add default via {node.HostAddress}");
        node.Host.Exec("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.conf.all.send_redirects=0");
        node.Host.Exec(
            "iptables",
            "-t",
            "nat",
            "-A",
            "PREROUTING",
            "-d",
            $"{s_service.Address}/32",
            "-p",
            "tcp",
            "--dport",
            "8080",
            "-j",
            "DNAT",
            "--to-destination",
            $"{node.SecondAddress}:8080"
        );
        // The bridge hands what pods of one bridge say to each other to the host, which turns the addresses back.
        node.Host.Exec("sysctl", "-qw", "net.bridge.bridge-nf-call-iptables=1");
        using AgentProcess agent = AgentProcess.Start(node.Host, "--interface", "any", "--events", "calls");
        using Socket listener = node.SecondPod.Run(() =>
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        );
        listener.Bind(new IPEndPoint(node.SecondAddress, 8080));
        listener.Listen(1);

        using Socket client = node.FirstPod.Run(() =>
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        );
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        ValueTask<Socket> accepted = listener.AcceptAsync(cancellation);
        await client.ConnectAsync(s_service, cancellation);
        using Socket server = await accepted;
        var buffer = new byte[300];
        for (int call = 0; call < Calls; call++)
        {
            await client.SendAsync(
                Encoding.ASCII.GetBytes($"{{\"jsonrpc\":\"2.0\",\"id\":{call},\"method\":\"ping\"}}\n")
            );
            await server.ReceiveAsync(buffer);
            await server.SendAsync(Encoding.ASCII.GetBytes($"{{\"jsonrpc\":\"2.0\",\"id\":{call},\"result\":{{}}}}\n"));
            await client.ReceiveAsync(buffer);
        }
        agent.Stop();

        Assert.All(agent.Events, call => Assert.Equal("ok", call.GetProperty("status").GetString()));
        var servers = agent
            .Events.CountBy(call => call.GetProperty("server").GetProperty("address").GetString()!)
            .ToDictionary();
        Assert.Equal(new Dictionary<string, int> { [$"{node.SecondAddress}"] = Calls }, servers);
    }
}
