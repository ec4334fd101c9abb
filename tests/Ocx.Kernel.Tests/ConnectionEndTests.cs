using System.Net.Sockets;
using System.Text.Json;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests;

/// <summary>
/// The shipped agent sees connections end as the kernel delivers it: calls are told then, and not when it stops.
/// </summary>
public sealed class ConnectionEndTests : KernelTest, IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly NetworkNamespace _host = new();

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")]
    public async Task An_answer_that_the_close_ends_is_told_when_the_server_closes(string head)
    {
        using AgentProcess agent = Start();
        using var server = new PlainServer(_host);
        (Socket near, Socket far) = await server.ConnectAsync();
        using (near)
        {
            using (far)
            {
                await PlainServer.SendAsync(near, far, PlainServer.Post(PlainServer.Call(1), "1.0"));
                await PlainServer.SendAsync(far, near, head + PlainServer.Result(1));
            }
            AssertTold(agent, (1, "ok"));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cancelled_stream_is_told_when_the_client_closes(bool reset)
    {
        using AgentProcess agent = Start();
        using var server = new PlainServer(_host);
        (Socket near, Socket far) = await server.ConnectAsync();
        using (far)
        {
            using (near)
            {
                await PlainServer.SendAsync(near, far, PlainServer.Post(PlainServer.Call(7), session: "s1"));
                await PlainServer.SendAsync(
                    far,
                    near,
                    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: wait\n\n"
                );
                (Socket second, Socket secondFar) = await server.ConnectAsync();
                using (second)
                using (secondFar)
                {
                    await PlainServer.SendAsync(
                        second,
                        secondFar,
                        PlainServer.Post(
                            "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":7}}",
                            session: "s1"
                        )
                    );
                    await PlainServer.SendAsync(
                        secondFar,
                        second,
                        "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
                    );
                }
                near.LingerState = new LingerOption(reset, 0);
            }

            if (!reset)
            {
                // A client that only ends its own half may yet read: the server is told of the end, and ends the other.
                Assert.Equal(0, await far.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken));
                far.Dispose();
            }

            AssertTold(agent, (7, "cancelled"));
        }
    }

    [Theory]
    [InlineData("the server closes")]
    [InlineData("the client closes")]
    [InlineData("the client resets")]
    public async Task Ports_that_are_used_anew_cost_no_call_and_make_no_gap(string end)
    {
        const int Connections = 23,
            Port = 43210;
        _host.Exec("sysctl", "-qw", "net.ipv4.tcp_max_tw_buckets=0"); // No TIME_WAIT: the ports are free at once.
        using AgentProcess agent = Start();
        using var server = new PlainServer(_host);
        for (int i = 0; i < Connections; i++)
        {
            (Socket near, Socket far) = await server.ConnectAsync(Port);
            await PlainServer.SendAsync(near, far, PlainServer.Post(PlainServer.Call(i)));
            string result = PlainServer.Result(i);
            await PlainServer.SendAsync(
                far,
                near,
                $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {result.Length}\r\n\r\n{result}"
            );
            near.LingerState = new LingerOption(end == "the client resets", 0);
            (Socket first, Socket last) = end == "the server closes" ? (far, near) : (near, far);
            first.Dispose();
            // Reads the end before it closes too, so that neither end has anything left.
            Assert.Equal(
                0,
                end == "the client resets"
                    ? 0
                    : await last.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken)
            );
            last.Dispose();
        }

        AssertTold(agent, [.. Enumerable.Range(0, Connections).Select(i => (i, "ok"))]);
        agent.Stop();
        Assert.Contains(
            agent.Log,
            line => line.Contains($"Calls: Total={Connections}, Gaps=0", StringComparison.Ordinal)
        );
        Assert.All(agent.Events, call => Assert.Equal("complete", call.GetProperty("completeness").GetString()));
    }

    private AgentProcess Start() => AgentProcess.Start(_host, "--interface", "lo", "--events", "calls");

    // While the agent runs.
    private static void AssertTold(AgentProcess agent, params (int Number, string Status)[] calls)
    {
        SpinWait.SpinUntil(() => agent.Events.Count >= calls.Length, s_patience);
        Assert.Equal(
            calls,
            agent.Events.Select(call =>
                (call.GetProperty("arguments").GetProperty("n").GetInt32(), Text(call, "status"))
            )
        );
    }

    private static string Text(JsonElement call, string name) => call.GetProperty(name).GetString()!;
}
