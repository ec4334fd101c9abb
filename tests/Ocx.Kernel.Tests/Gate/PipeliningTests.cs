using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Gate;

/// <summary>Requests that a client sends before it has the answers to earlier ones (RFC 9112, 9.3.2).</summary>
public sealed class PipeliningTests : KernelTest
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_stands_before_a_refused_call_is_answered_and_what_stands_behind_it_reaches_nobody()
    {
        using var server = new GatedServer(isTypeScript: true);
        using GateProcess gate = server.StartGate();
        string session = await BeginAsync(server);
        string[] three =
        [
            Call(1, "echo", "text", "first"),
            Call(2, "delete_orders", "customer", "refused"),
            Call(3, "echo", "text", "third"),
        ];
        // All in one packet, and each in one of its own.
        foreach (bool isOnePacket in (bool[])[true, false])
        {
            using Socket client = await ConnectAsync(server);
            foreach (string piece in isOnePacket ? [Join(three, session)] : three.Select(c => Post(c, session)))
            {
                await client.SendAsync(Encoding.ASCII.GetBytes(piece), Cancellation);
            }

            string said = await ReadAsync(client, until: null);
            int first = said.IndexOf("\"text\":\"first\"", StringComparison.Ordinal),
                error = said.IndexOf("\"code\":-32090", StringComparison.Ordinal);
            Assert.True(first > 0 && error > first, said);
            Assert.Equal(2, said.Split("HTTP/1.1 200 ").Length - 1);
            Assert.DoesNotContain("third", said, StringComparison.Ordinal);
        }

        Assert.Equal(["echo first", "echo first"], server.Journal);

        // The client's next connection, and two calls more on that one.
        using Socket next = await ConnectAsync(server);
        await next.SendAsync(Encoding.ASCII.GetBytes(Post(three[2], session)), Cancellation);
        Assert.Contains("\"text\":\"third\"", await ReadAsync(next, "\"id\":3"), StringComparison.Ordinal);
        string padded = Call(4, "echo", "text", "withheld " + new string('.', 500));
        await next.SendAsync(
            Encoding.ASCII.GetBytes(Join([padded, Call(5, "echo", "text", "fifth")], session)),
            Cancellation
        );
        string answers = await ReadAsync(next, "\"id\":5");
        Assert.Contains("result withheld by audit", answers, StringComparison.Ordinal);
        Assert.DoesNotContain(".....", answers, StringComparison.Ordinal);
        Assert.Contains("\"text\":\"fifth\"", answers, StringComparison.Ordinal);
    }

    private static string Call(int id, string tool, string name, string argument) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"tools/call\",\"params\":{{\"name\":\"{tool}\","
                + $"\"arguments\":{{\"{name}\":\"{argument}\"}}}}}}"
        );

    private static string Join(IEnumerable<string> messages, string session) =>
        string.Concat(messages.Select(message => Post(message, session)));

    private static string Post(string json, string session) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"POST /json HTTP/1.1\r\nhost: s\r\ncontent-type: application/json\r\n"
                + $"accept: application/json, text/event-stream\r\n{session}content-length: {json.Length}\r\n\r\n{json}"
        );

    // The field that names the session.
    private static async Task<string> BeginAsync(GatedServer server)
    {
        using Socket client = await ConnectAsync(server);
        const string Initialize =
            "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
            + "\"capabilities\":{},\"clientInfo\":{\"name\":\"pipe\",\"version\":\"1\"}}}";
        await client.SendAsync(Encoding.ASCII.GetBytes(Post(Initialize, string.Empty)), Cancellation);
        string said = await ReadAsync(client, "\"id\":0");
        return said.Split("\r\n")
                .Single(field => field.StartsWith("mcp-session-id:", StringComparison.OrdinalIgnoreCase)) + "\r\n";
    }

    private static async Task<Socket> ConnectAsync(GatedServer server)
    {
        Socket client = server.Client.Run(() =>
            new Socket(server.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
        );
        await client.ConnectAsync(server.Address, Cancellation);
        return client;
    }

    // Up to a text, or to the end of the connection.
    private static async Task<string> ReadAsync(Socket client, string? until)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        var said = new StringBuilder();
        byte[] buffer = new byte[65536];
        while (until is null || !said.ToString().Contains(until, StringComparison.Ordinal))
        {
            int length = await client.ReceiveAsync(buffer, limit.Token);
            if (length == 0)
            {
                Assert.True(until is null, $"it ended before '{until}': {said}");
                break;
            }

            said.Append(Encoding.ASCII.GetString(buffer, 0, length));
        }

        return said.ToString();
    }
}
