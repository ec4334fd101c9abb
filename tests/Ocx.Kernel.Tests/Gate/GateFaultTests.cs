using System.Buffers.Binary;
using System.Collections.Concurrent;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using Ocx.Gate.Packets;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Gate;

/// <summary>
/// Gates that stand still, end, and are replaced while calls wait: what TCP can bring again is not lost, and no refused
/// call reaches the server.
/// </summary>
public sealed class GateFaultTests : KernelTest
{
    private const string Refused = "refused by audit: rules: rule 'no-deletes': deletes 5000 rows";
    private const string CannotBeAsked = "the auditor cannot be asked";

    private static readonly string s_heldText = "asked " + new string('.', 500);

    [Fact]
    public async Task What_a_gate_that_stands_still_has_no_room_for_comes_again()
    {
        const int Sessions = 20;
        using var server = new GatedServer();
        using GateProcess gate = server.StartGate();
        await using McpClient client = await server.ConnectAsync();
        Task<string> held = GatedServer.CallAsync(client, "delete_orders", "asked");
        string id = server.AwaitPending()[0];

        gate.Freeze();
        Task<string[]>[] conversations = [.. Enumerable.Range(0, Sessions).Select(i => ConverseAsync(server, i))];
        Fill(server);
        Assert.True(
            QueueState.Of(server.Server).Dropped > 0,
            server.Server.Exec("cat", "/proc/net/netfilter/nfnetlink_queue")
        );
        server.Auditor.Audit("approve", id);
        Assert.Empty(server.Journal);
        Assert.DoesNotContain(conversations, conversation => conversation.IsCompleted);
        gate.Continue();

        Assert.Equal("no orders of asked are left", await held);
        string[][] answers = await Task.WhenAll(conversations);
        Assert.All(answers, (said, i) => Assert.Equal($"text {i}", said[0]));
        Assert.All(answers, said => Assert.Contains(Refused, said[1], StringComparison.Ordinal));
        Assert.Equal(1 + Sessions, server.Journal.Length);
        AssertNoneRefusedArrived(server);
    }

    [Fact]
    public async Task What_a_gate_that_stands_still_has_no_room_for_passes_if_the_policy_says_so()
    {
        using var server = new GatedServer("Open");
        using GateProcess gate = server.StartGate("--failure-policy", "Open");
        gate.Freeze();
        Fill(server);
        string[] answers = await ConverseAsync(server, 0);
        Assert.Equal(["text 0", "no orders of refused 0 are left"], answers);

        gate.Continue();
        answers = await ConverseAsync(server, 1);
        Assert.Equal("text 1", answers[0]);
        Assert.Contains(Refused, answers[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Open")]
    [InlineData("Closed")]
    public async Task What_waits_when_a_gate_is_told_to_stop_ends_by_the_policy_and_the_next_gate_holds_on(
        string policy
    )
    {
        using var server = new GatedServer(policy);
        await using McpClient caller = await server.ConnectAsync();
        await using McpClient reader = await server.ConnectAsync();
        Task<string> call,
            result;
        using (GateProcess gate = server.StartGate())
        {
            result = GatedServer.CallAsync(reader, "echo", s_heldText);
            await server.AwaitHeldAnswersAsync(1);
            call = GatedServer.CallAsync(caller, "delete_orders", "asked");
            server.AwaitPending(2);
            gate.Stop();
        }

        if (policy == "Open")
        {
            Assert.Equal("no orders of asked are left", await call);
            Assert.Equal(s_heldText, await result);
        }
        else
        {
            Assert.Equal($"-32090 Request failed (remote): refused by audit: {CannotBeAsked}", await call);
            Assert.Equal($"-32090 Request failed (remote): result withheld by audit: {CannotBeAsked}", await result);
        }

        using GateProcess next = server.StartGate();
        Assert.Contains(
            Refused,
            await GatedServer.CallAsync(caller, "delete_orders", "refused"),
            StringComparison.Ordinal
        );
        Assert.Equal("after", await GatedServer.CallAsync(reader, "echo", "after"));
        Assert.Equal(policy == "Open", server.Journal.Contains("delete_orders asked"));
        AssertNoneRefusedArrived(server);
    }

    [Fact]
    public async Task Sessions_go_on_while_gates_are_killed_and_replaced()
    {
        const int Sessions = 10,
            Gates = 3;
        using var server = new GatedServer();
        using var ending = new CancellationTokenSource();
        int[] right = new int[Sessions],
            broken = new int[Sessions];
        var wrong = new ConcurrentBag<string>();
        GateProcess gate = server.StartGate();
        try
        {
            Task[] sessions = [.. Enumerable.Range(0, Sessions).Select(CallOnAsync)];
            await ProgressAsync(sessions);
            for (int i = 0; i < Gates; i++)
            {
                gate.Kill();
                gate.Dispose();
                // Another queue: the rules that are left are of none that anybody has.
                gate = server.StartGate("--queue", $"{100 + i}");
                await ProgressAsync(sessions);
            }

            await ending.CancelAsync();
            await Task.WhenAll(sessions).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            gate.Stop();
        }
        finally
        {
            await ending.CancelAsync();
            gate.Dispose();
        }

        Assert.Empty(wrong);
        // A result that was on its way when its gate died is nobody's to the next one, which ends its connection.
        Assert.All(broken, count => Assert.InRange(count, 0, Gates));
        AssertNoneRefusedArrived(server);
        Assert.DoesNotContain("OCX-GATE", server.Server.Exec("iptables-save"), StringComparison.Ordinal);

        async Task CallOnAsync(int session)
        {
            await using McpClient client = await server.ConnectAsync();
            for (int i = 0; !ending.IsCancellationRequested; i++)
            {
                bool isRefused = i % 2 == 1;
                string argument = isRefused ? $"refused {session}-{i}" : $"{session}-{i}";
                try
                {
                    string answer = await GatedServer.CallAsync(client, isRefused ? "delete_orders" : "echo", argument);
                    if (isRefused ? answer.Contains(Refused, StringComparison.Ordinal) : answer == argument)
                    {
                        Interlocked.Increment(ref right[session]);
                    }
                    else
                    {
                        wrong.Add($"{argument}: {answer}");
                    }
                }
                catch (Exception failure) when (failure is HttpRequestException or McpException)
                {
                    Interlocked.Increment(ref broken[session]);
                }
            }
        }

        // Each session has had six more right answers: some began before.
        async Task ProgressAsync(Task[] sessions)
        {
            int[] before = [.. right];
            try
            {
                await GatedPair.WaitAsync(() =>
                    Array.Exists(sessions, session => session.IsCompleted)
                    || Enumerable
                        .Range(0, Sessions)
                        .All(session => Volatile.Read(ref right[session]) >= before[session] + 6)
                );
            }
            catch (OperationCanceledException)
            {
                Assert.Fail(
                    $"right before {string.Join(' ', before)}, now {string.Join(' ', right)}; "
                        + $"broken {string.Join(' ', broken)}; {string.Join('\n', wrong)}\n"
                        + server.Server.Exec("ss", "-tnoie")
                        + server.Client.Exec("ss", "-tnoie")
                        + server.Server.Exec("iptables-save")
                        + server.Server.Exec("cat", "/proc/net/netfilter/nfnetlink_queue")
                        + gate.Log
                );
            }

            await Task.WhenAll(sessions.Where(session => session.IsCompleted));
        }
    }

    [Fact]
    public async Task A_second_gate_says_that_there_is_one_and_the_next_takes_over_from_a_killed_one()
    {
        using var server = new GatedServer();
        using (GateProcess first = server.StartGate())
        {
            foreach (string queue in (string[])["20480", "7"])
            {
                (int code, _, string error) = GateProcess.TryRun(server.Server, server.Auditor, "--queue", queue);
                Assert.Equal(2, code);
                Assert.Contains("another gate", error, StringComparison.Ordinal);
            }

            string[] answers = await ConverseAsync(server, 0);
            Assert.Equal("text 0", answers[0]);
            Assert.Contains(Refused, answers[1], StringComparison.Ordinal);
            first.Kill();
        }

        Assert.Contains("20480", server.Server.Exec("iptables-save"), StringComparison.Ordinal);
        using GateProcess next = server.StartGate("--queue", "7", "--queues", "2");
        Assert.DoesNotContain("20480", server.Server.Exec("iptables-save"), StringComparison.Ordinal);
        Assert.Contains(Refused, (await ConverseAsync(server, 1))[1], StringComparison.Ordinal);
        next.Stop();
        Assert.DoesNotContain("OCX-GATE", server.Server.Exec("iptables-save"), StringComparison.Ordinal);
        AssertNoneRefusedArrived(server);
    }

    private static async Task<string[]> ConverseAsync(GatedServer server, int session)
    {
        await using McpClient client = await server.ConnectAsync();
        return
        [
            await GatedServer.CallAsync(client, "echo", $"text {session}"),
            await GatedServer.CallAsync(client, "delete_orders", $"refused {session}"),
        ];
    }

    // Sends what belongs to no connection until the queue takes no more.
    private static void Fill(GatedServer server)
    {
        using var link = new RawLink(server.Client, "client0");
        byte[] frame = new TcpFrame { Payload = new byte[1400] }.ToBytes();
        Span<byte> ip = frame.AsSpan(14, 20);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], Checksum.Fold(Checksum.Add(0, ip)));
        long waiting = 0;
        int full = 0;
        for (int batch = 0; full < 3; batch++)
        {
            Assert.True(batch < 1000, $"the queue takes more than {waiting} packets");
            for (int i = 0; i < 300; i++)
            {
                link.Send(frame);
            }

            long before = waiting;
            waiting = QueueState.Of(server.Server).Waiting;
            full = waiting > before ? 0 : full + 1;
        }
    }

    private static void AssertNoneRefusedArrived(GatedServer server) =>
        Assert.DoesNotContain(server.Journal, call => call.Contains("refused", StringComparison.Ordinal));
}
