using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests;

/// <summary>
/// The shipped agent from start to end: signals, interfaces that come and go, company, and closed pipes.
/// </summary>
public sealed class AgentLifeTests : KernelTest, IDisposable
{
    private static readonly string[] s_json = ["--events", "json", "--log-level", "debug"];

    private readonly NetworkNamespace _namespace = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public AgentLifeTests() => NetworkNamespace.Connect(_namespace, "tap0", _namespace, "peer0");

    public void Dispose() => _namespace.Dispose();

    [Theory]
    [InlineData(Native.SigTerm)]
    [InlineData(Native.SigInt)]
    public void A_stop_prints_what_was_captured_and_the_last_counts(int signal)
    {
        using AgentProcess agent = AgentProcess.Start(_namespace, ["--interface", "tap0", .. s_json]);
        IReadOnlySet<string> programs = agent.ProgramIds();
        Assert.NotEmpty(programs);
        Assert.All(
            programs,
            id => Assert.Contains("ocx_socket_filter", BpfProgram(id).Output, StringComparison.Ordinal)
        );

        SendFrames(100);
        agent.Signal(signal);
        var clock = Stopwatch.StartNew();
        Assert.Equal(0, agent.AwaitExit(TimeSpan.FromSeconds(5)));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5));

        Assert.Equal(Enumerable.Range(0, 100), agent.Events.Select(e => e.GetProperty("seq").GetInt32()));
        Assert.Contains("Filtered=100, Captured=100, Dropped=0", agent.Log.Last(), StringComparison.Ordinal);
        Assert.All(programs, AssertGone);
    }

    [Fact]
    public async Task Beginnings_and_ends_of_connections_are_counted_and_not_printed_and_the_rings_fill_is_told()
    {
        const int HttpPort = 9090;
        using AgentProcess agent = AgentProcess.Start(
            _namespace,
            ["--interface", "lo", "--ring-size", "64Ki", "--http-port", $"{HttpPort}", .. s_json]
        );
        await TcpExchange.RunAsync(
            _namespace,
            _namespace,
            IPAddress.Loopback,
            8080,
            TcpExchange.Data(100),
            TcpExchange.Data(100)
        );
        agent.AwaitBytes(200);

        using var http = new HttpClient(
            _namespace.HttpTo(
                new IPEndPoint(IPAddress.Loopback, HttpPort),
                socket => new NetworkStream(socket, ownsSocket: true)
            )
        );
        // The last of the four, a FIN, may come a moment after the data.
        string metrics = string.Empty;
        for (
            var clock = Stopwatch.StartNew();
            !metrics.Contains("\nocx_agent_control_packets_total 4\n", StringComparison.Ordinal);
            await Task.Delay(50, Cancellation)
        )
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), metrics);
            metrics = await http.GetStringAsync(new Uri($"http://127.0.0.1:{HttpPort}/metrics"), Cancellation);
        }

        Assert.Contains("\nocx_agent_control_lost_packets_total 0\n", metrics, StringComparison.Ordinal);
        Assert.Contains("\nocx_agent_ring_buffer_size_bytes 65536\n", metrics, StringComparison.Ordinal);
        Assert.Matches("\nocx_agent_ring_buffer_used_bytes [0-9]+\n", metrics);
        Assert.Matches("\nocx_agent_ring_buffer_highest_bytes [1-9][0-9]+\n", metrics);
        agent.Stop();
        Assert.All(agent.Events, e => Assert.True(e.GetProperty("length").GetInt32() > 0));
        Assert.Matches(
            "Dropped=0, Ring=[1-9][0-9]?%",
            agent.Log.Last(line => line.Contains("Stats: ", StringComparison.Ordinal))
        );
    }

    [Fact]
    public void A_kill_leaves_nothing_in_the_kernel()
    {
        using AgentProcess agent = AgentProcess.Start(_namespace, ["--interface", "tap0", .. s_json]);
        IReadOnlySet<string> programs = agent.ProgramIds();
        Assert.NotEmpty(programs);
        agent.Signal(Native.SigKill);
        agent.AwaitExit(TimeSpan.FromSeconds(5));
        Assert.All(programs, AssertGone);
    }

    [Fact]
    public void The_duration_ends_it_by_itself()
    {
        using AgentProcess agent = AgentProcess.Start(_namespace, "--interface", "tap0", "--duration", "200ms");
        Assert.Equal(0, agent.AwaitExit(TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void An_interface_that_goes_down_is_reported_and_tapped_on()
    {
        using AgentProcess agent = AgentProcess.Start(_namespace, ["--interface", "tap0", .. s_json]);
        SendFrames(1);
        agent.AwaitBytes(7);
        _namespace.Ip("link set tap0 down");
        agent.AwaitLog("Interface tap0 is down");
        _namespace.Ip("link set tap0 up");
        agent.AwaitLog("Interface tap0 is up again");
        SendFrames(1);
        agent.AwaitBytes(14);
        agent.Stop();
    }

    [Fact]
    public void An_interface_that_is_deleted_is_tapped_again_when_it_returns()
    {
        using AgentProcess agent = AgentProcess.Start(_namespace, ["--interface", "tap0", .. s_json]);
        SendFrames(1);
        agent.AwaitBytes(7);
        _namespace.Ip("link delete tap0");
        agent.AwaitLog("Interface tap0 is gone");
        NetworkNamespace.Connect(_namespace, "tap0", _namespace, "peer0");
        agent.AwaitLog("Socket filter attached to interface tap0", times: 2);
        SendFrames(1);
        agent.AwaitBytes(14);
        agent.Stop();
    }

    [Fact]
    public void Any_follows_interfaces_that_come_later()
    {
        using AgentProcess agent = AgentProcess.Start(_namespace, ["--interface", "any", .. s_json]);
        NetworkNamespace.Connect(_namespace, "late0", _namespace, "late1");
        using (var link = new RawLink(_namespace, "late1"))
        {
            link.Send(new TcpFrame());
        }
        agent.AwaitBytes(7);
        JsonElement first = agent.Events[0];
        // It left by one end of the pair before it arrived at the other.
        Assert.Equal("late1", first.GetProperty("interface").GetString());
        Assert.Equal("out", first.GetProperty("direction").GetString());
        agent.Stop();
    }

    [Fact]
    public void Two_agents_on_one_interface_each_see_everything()
    {
        using AgentProcess first = AgentProcess.Start(_namespace, ["--interface", "tap0", .. s_json]);
        using AgentProcess second = AgentProcess.Start(
            _namespace,
            ["--interface", "tap0", "--ring-size", "64Ki", .. s_json]
        );
        SendFrames(50);
        first.AwaitBytes(50 * 7);
        second.AwaitBytes(50 * 7);
        first.Stop();
        SendFrames(1);
        second.AwaitBytes(51 * 7);
        second.Stop();
    }

    [Fact]
    public void A_line_of_json_has_the_documented_fields()
    {
        using AgentProcess agent = AgentProcess.Start(
            _namespace,
            ["--interface", "tap0", "--snap-length", "5", .. s_json]
        );
        using (var link = new RawLink(_namespace, "peer0"))
        {
            link.Send(new TcpFrame { Payload = Encoding.UTF8.GetBytes("{\"jsonrpc\":\"2.0\"}") });
            link.Send(new TcpFrame { Payload = [0xFF, 0xFE, 0, 1] });
        }
        agent.AwaitBytes(5 + 4);
        agent.Stop();

        JsonElement text = agent.Events[0],
            binary = agent.Events[1];
        Assert.True(text.GetProperty("timestamp").GetDateTimeOffset() > DateTimeOffset.UtcNow.AddMinutes(-1));
        Assert.Equal("tap0", text.GetProperty("interface").GetString());
        Assert.Equal("in", text.GetProperty("direction").GetString());
        Assert.Equal(JsonValueKind.Null, text.GetProperty("pid").ValueKind);
        Assert.Equal(JsonValueKind.Null, text.GetProperty("tid").ValueKind);
        Assert.Equal(JsonValueKind.Null, text.GetProperty("comm").ValueKind);
        Assert.Equal("10.0.0.1", text.GetProperty("source").GetProperty("address").GetString());
        Assert.Equal(40000, text.GetProperty("source").GetProperty("port").GetInt32());
        Assert.Equal("10.0.0.2", text.GetProperty("destination").GetProperty("address").GetString());
        Assert.Equal(8080, text.GetProperty("destination").GetProperty("port").GetInt32());
        Assert.Equal(1000u, text.GetProperty("seq").GetUInt32());
        Assert.Equal(17, text.GetProperty("length").GetInt32());
        Assert.Equal(5, text.GetProperty("captured").GetInt32());
        Assert.True(text.GetProperty("truncated").GetBoolean());
        Assert.Equal("{\"jso", text.GetProperty("payload").GetString());
        Assert.Equal([0xFF, 0xFE, 0, 1], binary.GetProperty("payloadBase64").GetBytesFromBase64());
    }

    [Fact]
    public async Task A_reader_that_closes_the_pipe_ends_it_with_code_1()
    {
        string script = $"'{AgentProcess.Path}' --interface tap0 --events json | head -n 1; exit ${{PIPESTATUS[0]}}";
        using var shell = Process.Start(
            new ProcessStartInfo("ip", ["netns", "exec", _namespace.Name, "bash", "-c", script])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        Task<string> log = shell.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        using var link = new RawLink(_namespace, "peer0");
        Assert.True(
            SpinWait.SpinUntil(
                () =>
                {
                    link.Send(new TcpFrame());
                    return shell.WaitForExit(50);
                },
                TimeSpan.FromSeconds(10)
            )
        );
        Assert.Equal(1, shell.ExitCode);
        Assert.Contains("Standard output was closed", await log, StringComparison.Ordinal);
    }

    private static (int ExitCode, string Output, string Error) BpfProgram(string id) =>
        Command.TryRun("bpftool", "prog", "show", "id", id);

    // The kernel frees a program after a grace period.
    private static void AssertGone(string id) =>
        Assert.True(
            SpinWait.SpinUntil(() => BpfProgram(id).ExitCode != 0, TimeSpan.FromSeconds(5)),
            $"program {id} is still there"
        );

    private void SendFrames(int count)
    {
        using var link = new RawLink(_namespace, "peer0");
        for (int i = 0; i < count; i++)
        {
            link.Send(new TcpFrame { Sequence = (uint)i });
        }
    }
}
