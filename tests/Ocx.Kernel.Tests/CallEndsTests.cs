using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests;

/// <summary>
/// The processes at the two ends of a call are those that made it and answered it, or they are not told.
/// </summary>
public sealed class CallEndsTests : KernelTest
{
    private const int Clients = 120;
    private const int Port = 8080;

    [Fact]
    public async Task Many_short_lived_clients_of_one_machine_are_named_right_or_not_at_all()
    {
        using var host = new NetworkNamespace();
        using AgentProcess agent = AgentProcess.Start(host, "--interface", "lo", "--events", "calls");
        await ConverseAsync(host, host, new IPEndPoint(IPAddress.Loopback, Port));
        agent.Stop();
        (int clients, int servers) = Named(agent);
        // A proof needs the process to live until then and time for the proof, so it is a promise of right, not of all.
        Assert.True(servers > 0, "no server was named at all");
        Assert.True(clients > 0, "no client was named at all");
    }

    [Fact]
    public async Task Processes_in_pods_are_named_through_their_own_network()
    {
        using var node = new BridgedNode();
        using AgentProcess agent = AgentProcess.Start(node.Host, "--interface", "any", "--events", "calls");
        await ConverseAsync(node.FirstPod, node.SecondPod, new IPEndPoint(node.SecondAddress, Port));
        agent.Stop();
        (int clients, int servers) = Named(agent);
        Assert.True(clients > 0, "no client was named at all");
        // The server is this test, whose own network is not the pod's: what cannot be proved is left out.
        Assert.Equal(0, servers);
    }

    [Fact]
    public async Task A_switch_turns_it_off()
    {
        using var host = new NetworkNamespace();
        using AgentProcess agent = AgentProcess.Start(
            host,
            "--interface",
            "lo",
            "--events",
            "calls",
            "--processes",
            "false"
        );
        await ConverseAsync(host, host, new IPEndPoint(IPAddress.Loopback, Port));
        agent.Stop();
        Assert.Equal((0, 0), Named(agent));
    }

    // Each shell tells its own pid in its call's arguments, waits for the answer and ends; several run at a time. Its
    // last command is a built-in one: another would take the shell's place, and be the process's name when it is looked
    // up.
    private static async Task ConverseAsync(NetworkNamespace client, NetworkNamespace server, IPEndPoint address)
    {
        using Socket listener = server.Run(() =>
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        );
        listener.Bind(address);
        listener.Listen(Clients);
        Task answering = AnswerAsync(listener);
        string script =
            $"for i in $(seq {Clients}); do bash -c '"
            + $"exec 3<>/dev/tcp/{address.Address}/{Port}; "
            + "printf \"%s\\n\" \"{\\\"jsonrpc\\\":\\\"2.0\\\",\\\"id\\\":1,\\\"method\\\":\\\"tools/call\\\""
            + ",\\\"params\\\":{\\\"name\\\":\\\"echo\\\",\\\"arguments\\\":{\\\"pid\\\":$BASHPID}}}\" >&3; "
            + "read -r answer <&3; sleep 0.1; true' & if ((i % 6 == 0)); then wait; fi; done; wait";
        client.Exec("bash", "-c", script);
        await answering;
    }

    private static async Task AnswerAsync(Socket listener)
    {
        var open = new List<Socket>();
        var buffer = new byte[300];
        for (int i = 0; i < Clients; i++)
        {
            Socket client = await listener.AcceptAsync();
            await client.ReceiveAsync(buffer);
            await client.SendAsync(Encoding.ASCII.GetBytes("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n"));
            open.Add(client);
        }
        open.ForEach(client => client.Dispose());
    }

    private static (int Clients, int Servers) Named(AgentProcess agent)
    {
        Assert.Equal(Clients, agent.Events.Count);
        int clients = 0,
            servers = 0;
        foreach (JsonElement call in agent.Events)
        {
            if (call.GetProperty("client").TryGetProperty("pid", out JsonElement client))
            {
                clients++;
                Assert.Equal(call.GetProperty("arguments").GetProperty("pid").GetInt32(), client.GetInt32());
                Assert.Equal("bash", call.GetProperty("client").GetProperty("comm").GetString());
            }
            if (call.GetProperty("server").TryGetProperty("pid", out JsonElement server))
            {
                servers++;
                Assert.Equal(Environment.ProcessId, server.GetInt32());
            }
        }
        TestContext.Current.SendDiagnosticMessage(
            string.Create(
                CultureInfo.InvariantCulture,
                $"of {Clients} calls {clients} tell the client's process and {servers} the server's, none a wrong one"
            )
        );
        return (clients, servers);
    }
}
