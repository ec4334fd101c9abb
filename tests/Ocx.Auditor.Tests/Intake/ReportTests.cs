using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Ocx.Audit.Approvals;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Audit.Wire;

namespace Ocx.Auditor.Tests.Intake;

/// <summary>What an agent tells is judged and recorded before it is acknowledged, in order, and once.</summary>
public sealed class ReportTests
{
    private const string Instance = "0123456789abcdef";

    private static readonly Vote s_release = new(Ballot.Release, "fine");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_has_its_record_when_it_is_acknowledged()
    {
        await using RunningAuditor auditor = await RunningAuditor.StartAsync((_, _) => ValueTask.FromResult(s_release));
        using AgentStream agent = await AgentStream.OpenAsync(auditor.Client);
        await agent.SendAsync(1, Opened(1));
        await agent.AcknowledgedAsync(1);
        var record = Assert.Single(await auditor.RecordsAsync());
        Assert.Equal(Key(1), record.Intent.Key);
        Assert.Equal("delete_orders", record.Intent.Tool);
        Assert.Equal(Outcome.Released, record.Verdict.Outcome);
        Assert.Equal(("shop", "orders"), (record.Audit.Namespace, record.Audit.Name));
        Assert.Matches("^[0-9a-f]{32}$", record.RevertTokenId);
    }

    [Fact]
    public async Task A_held_call_that_comes_again_keeps_its_record_and_uses_up_no_approval()
    {
        var hold = new Vote(Ballot.Hold, "look at it");
        await using RunningAuditor auditor = await RunningAuditor.StartAsync((_, _) => ValueTask.FromResult(hold));
        using AgentStream agent = await AgentStream.OpenAsync(auditor.Client);
        await agent.SendAsync(1, Held(1));
        await agent.AcknowledgedAsync(1);
        Approval asked = Assert.Single(await auditor.Approvals.ListAsync(Cancellation));
        await auditor.Approvals.DecideAsync(asked.Id, ApprovalDecision.Approve, "root", "", Cancellation);
        using AgentStream again = await AgentStream.OpenAsync(auditor.Client);
        await again.SendAsync(1, Held(1));
        await again.AcknowledgedAsync(1);
        Assert.Null(Assert.Single(await auditor.Approvals.ListAsync(Cancellation)).UsedAt);

        await again.SendAsync(2, Held(2));
        await again.AcknowledgedAsync(2);
        Assert.Equal(
            [(Key(1), Outcome.Held, false), (Key(2), Outcome.Released, true)],
            (await auditor.RecordsAsync()).Select(record =>
                (record.Intent.Key, record.Verdict.Outcome, record.RevertTokenId is not null)
            )
        );
    }

    [Fact]
    public async Task Records_and_approvals_are_not_told_on_the_port()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        int port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;
        taken.Stop();
        await using RunningAuditor auditor = await RunningAuditor.StartAsync(
            (_, _) => ValueTask.FromResult(s_release),
            port
        );
        using AgentStream agent = await AgentStream.OpenAsync(auditor.Client); // it listens
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        Assert.Equal("ok", await http.GetStringAsync(new Uri("healthz", UriKind.Relative), Cancellation));
        string[] paths = ["v1/approvals", "v1/watch", "v1/records?last=1", "v1/ledger/lines", "v1/ledger/key"];
        foreach (string path in paths)
        {
            using HttpResponseMessage answer = await http.GetAsync(
                new Uri(path, UriKind.Relative),
                HttpCompletionOption.ResponseHeadersRead,
                Cancellation
            );
            Assert.Equal((path, System.Net.HttpStatusCode.NotFound), (path, answer.StatusCode));
        }
    }

    [Fact]
    public async Task A_trace_is_in_no_record_and_no_review()
    {
        const string Trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        var seen = new TaskCompletionSource<Audit.Intents.Intent>();
        await using RunningAuditor auditor = await RunningAuditor.StartAsync(
            (intent, _) =>
            {
                seen.SetResult(intent);
                return ValueTask.FromResult(s_release);
            }
        );
        using AgentStream agent = await AgentStream.OpenAsync(auditor.Client);
        await agent.SendAsync(1, Changed(opened => (opened.Key, opened.Traceparent) = (Key(1), Trace)));
        await agent.AcknowledgedAsync(1);
        Audit.Intents.Intent intent = await seen.Task;
        Assert.Equal(Trace, intent.TraceParent);
        string review = Encoding.UTF8.GetString(Auditor.Jurors.CallReview.Question(intent).Span);
        string record = Encoding.UTF8.GetString((await auditor.Ledger.Reader.FindLineAsync(Key(1), Cancellation))!);
        Assert.All([review, record], text => Assert.Contains(Key(1), text, StringComparison.Ordinal));
        Assert.All([review, record], text => Assert.DoesNotContain(Trace[3..35], text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Calls_that_have_no_record_yet_are_under_way()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        int port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;
        taken.Stop();
        var vote = new TaskCompletionSource<Vote>();
        await using RunningAuditor auditor = await RunningAuditor.StartAsync(async (_, _) => await vote.Task, port);
        using AgentStream agent = await AgentStream.OpenAsync(auditor.Client);
        using AgentStream other = await AgentStream.OpenAsync(auditor.Client);
        using var http = new HttpClient();
        Task UnderWayAsync(int calls) =>
            Wait.UntilAsync(
                async () =>
                    (await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"), Cancellation)).Contains(
                        $"\nocx_auditor_calls_under_way {calls}\n",
                        StringComparison.Ordinal
                    ),
                Cancellation
            );

        await agent.SendAsync(1, Opened(1));
        await agent.SendAsync(2, Opened(2));
        await other.SendAsync(1, Opened(2)); // one call
        await other.SendAsync(2, Opened(3));
        await UnderWayAsync(3);
        vote.SetResult(s_release);
        await UnderWayAsync(0);
    }

    [Fact]
    public async Task A_slow_verdict_holds_back_the_acknowledgement_of_what_is_behind_it_and_no_verdict()
    {
        var slow = new TaskCompletionSource<Vote>();
        await using RunningAuditor auditor = await RunningAuditor.StartAsync(
            async (intent, _) => intent.Key == Key(1) ? await slow.Task : s_release
        );
        using AgentStream agent = await AgentStream.OpenAsync(auditor.Client);
        await agent.SendAsync(1, Opened(1));
        await agent.SendAsync(2, Opened(2));
        await agent.SendAsync(3, new AgentMessage { Answering = new Answering { Key = Key(2) } });
        await Wait.UntilAsync(async () => (await auditor.RecordsAsync()).Count == 1, Cancellation);
        Assert.Equal(0UL, agent.Through);
        slow.SetResult(s_release);
        await agent.AcknowledgedAsync(3);
        Assert.Equal([Key(2), Key(1)], (await auditor.RecordsAsync()).Select(record => record.Intent.Key));
    }

    [Fact]
    public async Task A_call_that_comes_on_two_streams_at_once_is_judged_once()
    {
        var vote = new TaskCompletionSource<Vote>();
        int asked = 0;
        await using RunningAuditor auditor = await RunningAuditor.StartAsync(
            async (_, _) =>
            {
                Interlocked.Increment(ref asked);
                return await vote.Task;
            }
        );
        using AgentStream first = await AgentStream.OpenAsync(auditor.Client);
        await first.SendAsync(1, Opened(1));
        await Wait.UntilAsync(() => Volatile.Read(ref asked) == 1, Cancellation);
        using AgentStream second = await AgentStream.OpenAsync(auditor.Client);
        await second.SendAsync(1, Opened(1));
        await second.SendAsync(2, Opened(2));
        await Wait.UntilAsync(() => Volatile.Read(ref asked) == 2, Cancellation);
        vote.SetResult(s_release);
        await first.AcknowledgedAsync(1);
        await second.AcknowledgedAsync(2);
        Assert.Equal([Key(1), Key(2)], (await auditor.RecordsAsync()).Select(record => record.Intent.Key).Order());
    }

    [Fact]
    public async Task What_the_ledger_does_not_take_is_not_acknowledged_and_may_come_again()
    {
        await using RunningAuditor auditor = await RunningAuditor.StartAsync((_, _) => ValueTask.FromResult(s_release));
        using (AgentStream agent = await AgentStream.OpenAsync(auditor.Client))
        {
            await agent.SendAsync(1, Opened(1));
            await agent.AcknowledgedAsync(1);
            await auditor.Ledger.DisposeAsync();
            await agent.SendAsync(2, Opened(2));
            RpcException failure = await agent.EndedAsync();
            Assert.Equal(
                (StatusCode.Unavailable, "the record could not be kept"),
                (failure.StatusCode, failure.Status.Detail)
            );
            Assert.Equal(1UL, agent.Through);
        }

        await using RunningAuditor second = await auditor.StartAgainAsync((_, _) => ValueTask.FromResult(s_release));
        using AgentStream again = await AgentStream.OpenAsync(second.Client);
        await again.SendAsync(1, Opened(1));
        await again.SendAsync(2, Opened(2));
        await again.AcknowledgedAsync(2);
        Assert.Equal([Key(1), Key(2)], (await second.RecordsAsync()).Select(record => record.Intent.Key));
    }

    [Fact]
    public async Task Another_call_under_a_key_that_was_told_has_a_record_of_its_own()
    {
        await using RunningAuditor auditor = await RunningAuditor.StartAsync((_, _) => ValueTask.FromResult(s_release));
        for (int call = 0; call < 3; call++)
        {
            using AgentStream agent = await AgentStream.OpenAsync(auditor.Client);
            // The third is the second, told again.
            long later = Math.Min(call, 1) * 1_000_000;
            await agent.SendAsync(
                1,
                Changed(opened =>
                {
                    opened.Key = Key(1);
                    opened.TimeUnixNs += later;
                })
            );
            await agent.AcknowledgedAsync(1);
        }

        IReadOnlyList<LedgerEntry> records = await auditor.RecordsAsync();
        Assert.Equal(2, records.Count);
        Assert.Equal(Key(1), records[0].Intent.Key);
        Assert.StartsWith(Key(1) + "-", records[1].Intent.Key, StringComparison.Ordinal);
    }

    public static TheoryData<string, AgentMessage> Wrong =>
        new()
        {
            { "key of another agent", Changed(opened => opened.Key = new string('f', 32)) },
            { "key", Changed(opened => opened.Key = "x") },
            { "time", Changed(opened => opened.TimeUnixNs = -1) },
            { "tool", Changed(opened => opened.Tool = new string('x', AuditBounds.Tool + 1)) },
            { "digest", Changed(opened => opened.ArgumentsDigest = ByteString.CopyFrom(1, 2)) },
            { "arguments", Changed(opened => opened.Arguments = ByteString.CopyFrom(new byte[(1 << 20) + 1])) },
            { "name", Changed(opened => opened.Client = new Party { Name = new string('é', 129) }) },
            { "no body", new AgentMessage() },
            {
                "hello again",
                new AgentMessage { Hello = new Hello { Instance = Instance } }
            },
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_does_not_keep_to_its_bounds_ends_the_stream_and_all_before_it_is_acknowledged(
        string what,
        AgentMessage message
    )
    {
        await using RunningAuditor auditor = await RunningAuditor.StartAsync((_, _) => ValueTask.FromResult(s_release));
        using AgentStream agent = await AgentStream.OpenAsync(auditor.Client);
        await agent.SendAsync(1, Opened(1));
        await agent.SendAsync(2, message);
        RpcException failure = await agent.EndedAsync();
        Assert.Equal((what, StatusCode.InvalidArgument), (what, failure.StatusCode));
        Assert.Equal(1UL, agent.Through);
        Assert.Single(await auditor.RecordsAsync());
    }

    [Fact]
    public async Task Messages_come_in_order_without_a_gap()
    {
        await using RunningAuditor auditor = await RunningAuditor.StartAsync((_, _) => ValueTask.FromResult(s_release));
        using AgentStream agent = await AgentStream.OpenAsync(auditor.Client);
        await agent.SendAsync(7, Opened(1)); // a stream may begin anywhere
        await agent.SendAsync(9, Opened(2));
        Assert.Equal(StatusCode.InvalidArgument, (await agent.EndedAsync()).StatusCode);
        Assert.Equal(7UL, agent.Through);
    }

    [Fact]
    public async Task More_than_may_be_under_way_is_not_taken()
    {
        var vote = new TaskCompletionSource<Vote>();
        int asked = 0;
        await using RunningAuditor auditor = await RunningAuditor.StartAsync(
            async (_, _) =>
            {
                Interlocked.Increment(ref asked);
                return await vote.Task;
            }
        );
        using AgentStream agent = await AgentStream.OpenAsync(auditor.Client);
        const int Calls = 3 * Auditor.Intake.AgentReport.MostUnderWay;
        Task sending = Task.Run(
            async () =>
            {
                for (ulong i = 1; i <= Calls; i++)
                {
                    await agent.SendAsync(i, Opened((int)i));
                }
            },
            Cancellation
        );
        await Wait.UntilAsync(() => Volatile.Read(ref asked) >= Auditor.Intake.AgentReport.MostUnderWay, Cancellation);
        await Task.Delay(200, Cancellation); // for what would come beyond it
        Assert.InRange(Volatile.Read(ref asked), 0, Auditor.Intake.AgentReport.MostUnderWay + 2);
        vote.SetResult(s_release);
        await sending;
        await agent.AcknowledgedAsync(Calls);
        Assert.Equal(Calls, (await auditor.RecordsAsync()).Count);
    }

    [Fact]
    public async Task No_more_bytes_of_an_agent_wait_at_once_than_are_allowed()
    {
        const int Calls = 40,
            Length = 1 << 20,
            Most = Auditor.Intake.AgentReport.MostBytes / Length;
        var vote = new TaskCompletionSource<Vote>();
        int asked = 0;
        await using RunningAuditor auditor = await RunningAuditor.StartAsync(
            async (_, _) =>
            {
                Interlocked.Increment(ref asked);
                return await vote.Task;
            }
        );
        using AgentStream agent = await AgentStream.OpenAsync(auditor.Client);
        var arguments = ByteString.CopyFromUtf8($"\"{new string('x', Length - 2)}\"");
        Task sending = Task.Run(
            async () =>
            {
                for (int i = 1; i <= Calls; i++)
                {
                    await agent.SendAsync(
                        (ulong)i,
                        Changed(opened => (opened.Key, opened.Arguments) = (Key(i), arguments))
                    );
                }
            },
            Cancellation
        );
        await Wait.UntilAsync(() => Volatile.Read(ref asked) >= Most, Cancellation);
        await Task.Delay(200, Cancellation); // for what would come beyond it
        Assert.InRange(Volatile.Read(ref asked), Most, Most + 1);
        vote.SetResult(s_release);
        await sending;
        await agent.AcknowledgedAsync(Calls);
        Assert.Equal(Calls, (await auditor.RecordsAsync()).Count);
    }

    [Fact]
    public async Task Only_its_owner_may_connect_to_the_socket()
    {
        await using RunningAuditor auditor = await RunningAuditor.StartAsync((_, _) => ValueTask.FromResult(s_release));
        using AgentStream agent = await AgentStream.OpenAsync(auditor.Client);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(auditor.Socket));
    }

    [Fact]
    public async Task A_second_auditor_does_not_take_the_socket_of_the_first()
    {
        await using RunningAuditor auditor = await RunningAuditor.StartAsync((_, _) => ValueTask.FromResult(s_release));
        using AgentStream agent = await AgentStream.OpenAsync(auditor.Client);
        Options.StartupException refused = Assert.Throws<Options.StartupException>(() =>
            Listening.ListeningSocket.Prepare(auditor.Socket)
        );
        Assert.Contains("another auditor listens", refused.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(auditor.Socket));
    }

    private static string Key(int call) => $"{Instance}{call:x16}";

    private static AgentMessage Held(int call) =>
        Changed(opened =>
        {
            opened.Key = Key(call);
            opened.ArgumentsDigest = ByteString.CopyFrom(new byte[AuditBounds.Digest]);
        });

    private static AgentMessage Opened(int call) => Changed(opened => opened.Key = Key(call));

    private static AgentMessage Changed(Action<Opened> change)
    {
        var opened = new Opened
        {
            Key = Key(99),
            TimeUnixNs = 1_700_000_000_000_000_000,
            Method = "tools/call",
            Tool = "delete_orders",
            Arguments = ByteString.CopyFromUtf8("{}"),
            ArgumentsComplete = true,
            Server = new Party { Address = "10.0.0.2:8080" },
        };
        change(opened);
        return new AgentMessage { Opened = opened };
    }
}
