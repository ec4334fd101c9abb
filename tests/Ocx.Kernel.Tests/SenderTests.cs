using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests;

/// <summary>The process that a segment names is the one that sent it, or there is none.</summary>
public sealed class SenderTests : KernelTest
{
    private const int Clients = 60;
    private const int Port = 8080;

    [Fact]
    public async Task Many_short_lived_senders_are_named_right_or_not_at_all()
    {
        using var host = new NetworkNamespace();
        using AgentProcess agent = AgentProcess.Start(host, "--interface", "lo", "--events", "json");
        using Socket listener = host.Run(() =>
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        );
        listener.Bind(new IPEndPoint(IPAddress.Loopback, Port));
        listener.Listen(Clients);
        Task answering = AnswerAsync(listener, Clients);

        // Each shell tells its own pid, waits for the answer and ends; several run at a time.
        string script =
            $"for i in $(seq {Clients}); do bash -c '"
            + $"exec 3<>/dev/tcp/127.0.0.1/{Port}; echo \"pid=$BASHPID\" >&3; read -r answer <&3; sleep 0.05' & "
            + "if ((i % 6 == 0)); then wait; fi; done; wait";
        host.Exec("bash", "-c", script);
        await answering;
        agent.Stop();

        int named = 0;
        foreach (JsonElement segment in agent.Events)
        {
            JsonElement pid = segment.GetProperty("pid");
            if (pid.ValueKind == JsonValueKind.Null)
            {
                continue;
            }
            named++;
            string payload = segment.GetProperty("payload").GetString()!;
            int expected = payload.StartsWith("pid=", StringComparison.Ordinal)
                ? int.Parse(payload[4..].TrimEnd('\n'), CultureInfo.InvariantCulture)
                : Environment.ProcessId;
            Assert.Equal(expected, pid.GetInt32());
        }
        Assert.Equal(2 * Clients, agent.Events.Count);
        // Naming needs the sender to live until its segment is printed, so it is a promise of right, not of all.
        Assert.True(named > 0, "no sender was named at all");
    }

    private static async Task AnswerAsync(Socket listener, int clients)
    {
        var open = new List<Socket>();
        var buffer = new byte[100];
        for (int i = 0; i < clients; i++)
        {
            Socket client = await listener.AcceptAsync();
            await client.ReceiveAsync(buffer);
            await client.SendAsync("answer\n"u8.ToArray());
            open.Add(client);
        }
        open.ForEach(client => client.Dispose());
    }
}
