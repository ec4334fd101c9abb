using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Ocx.Audit.Wire;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Redaction;
using Ocx.NodeAgent.Attribution;
using Ocx.NodeAgent.Auditing;
using Ocx.NodeAgent.Calls;
using Ocx.NodeAgent.Capture;
using Ocx.NodeAgent.Options;
using Ocx.NodeProgram;
using Xunit;
using Kind = Ocx.Audit.Wire.AgentMessage.BodyOneofCase;

namespace Ocx.NodeAgent.Tests.Auditing;

/// <summary>
/// A feed and real gRPC servers that are there, slow, away, restarted, or refuse: nothing is lost beyond what is
/// counted, nothing is told twice that is not known as such, and memory is bounded.
/// </summary>
public sealed class AuditFeedTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("ocx-audit-").FullName;
    private readonly Told _told = new();

    private string Socket => Path.Combine(_folder, "auditor.sock");

    private AuditorOptions Auditor => new() { Endpoint = new() { Address = "unix:" + Socket } };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_call_is_told_in_three_moments()
    {
        await using RunningAuditor auditor = await RunningAuditor.OnSocketAsync(Socket, _told);
        await using var calls = new TappedCalls(Auditor);
        const string Traced = """
            ,"_meta":{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
            """;
        calls.Exchange(
            Mcp.Tests.Calls.Peer.Call(1, "delete", """{"path": "/tmp/é", "token": "abc"}""", Traced.Trim()),
            """{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"no"}}"""
        );
        await UntilAsync(() => calls.Feed.Counts.Taken == 3);

        Hello hello = Assert.Single(_told.Hellos);
        Assert.Equal(("node-1", calls.Instance), (hello.Node, hello.Instance));
        Assert.NotEmpty(hello.Version);
        Opened opened = Only(Kind.Opened).Opened;
        Assert.Equal(Assert.Single(calls.Keys), opened.Key);
        Assert.StartsWith(hello.Instance, opened.Key, StringComparison.Ordinal);
        Assert.Equal(("tools/call", "delete"), (opened.Method, opened.Tool));
        Assert.Equal("""{"path": "/tmp/é", "token": "[redacted]"}""", opened.Arguments.ToStringUtf8());
        Assert.Equal(
            SHA256.HashData("""{"path":"/tmp/é","token":"abc"}"""u8.ToArray()),
            opened.ArgumentsDigest.ToByteArray()
        );
        Assert.True(opened is { CredentialInArguments: true, ArgumentsComplete: true, FromServer: false });
        Assert.Equal(Completeness.Complete, opened.Completeness);
        Assert.Equal("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", opened.Traceparent);
        Assert.Equal(("10.0.0.1:40000", "10.0.0.2:8080"), (opened.Client.Address, opened.Server.Address));
        Assert.Null(opened.Hints);

        Answering answering = Only(Kind.Answering).Answering;
        Assert.Equal((opened.Key, opened.TimeUnixNs + 1000), (answering.Key, answering.TimeUnixNs));
        Closed closed = Only(Kind.Closed).Closed;
        Assert.Equal((opened.Key, ClosedStatus.RpcError, -32000), (closed.Key, closed.Status, closed.ErrorCode));
        Assert.Equal(1000ul, closed.DurationNs);
        Assert.Equal(opened.Client, closed.Client);
    }

    [Fact]
    public async Task Only_calls_of_the_methods_that_are_named_are_told()
    {
        await using RunningAuditor auditor = await RunningAuditor.OnSocketAsync(Socket, _told);
        await using var calls = new TappedCalls(Auditor with { Methods = ["tools/call", "resources/read"] });
        foreach (string method in new[] { "ping", "resources/read", "prompts/get", "tools/call" })
        {
            calls.Exchange(
                $$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{"x":1} }""",
                Mcp.Tests.Calls.Peer.Result(1)
            );
        }

        await UntilAsync(() => calls.Feed.Counts.Taken == 6);
        Assert.Equal(
            ["resources/read", "tools/call"],
            _told.Messages.Select(each => each.Opened?.Method).OfType<string>().Order()
        );
        Assert.Equal(4, calls.Keys.Count);
    }

    [Fact]
    public async Task Every_text_is_within_its_bound_and_is_text()
    {
        await using RunningAuditor auditor = await RunningAuditor.OnSocketAsync(Socket, _told);
        // What is left of a pair whose half is masked, and a mask for each character.
        var options = new McpOptions { Redaction = new RedactionOptions { Patterns = [@"\uD83D", "z"] } };
        await using var calls = new TappedCalls(Auditor with { MaxArguments = 1000 }, options);
        calls.Exchange(
            Mcp.Tests.Calls.Peer.Call(1, "😀" + new string('z', 900), $$"""{"a":"{{new string('x', 2000)}}"}"""),
            Mcp.Tests.Calls.Peer.Result(1)
        );
        await UntilAsync(() => calls.Feed.Counts.Taken == 3);
        Opened opened = Only(Kind.Opened).Opened;
        Assert.InRange(Encoding.UTF8.GetByteCount(opened.Tool), 900, AuditBounds.Tool);
        Assert.StartsWith("[redacted]\uFFFD[redacted]", opened.Tool, StringComparison.Ordinal);
        Assert.Equal(1000, opened.Arguments.Length);
        Assert.False(opened.ArgumentsComplete);
        Assert.Equal(AuditBounds.Digest, opened.ArgumentsDigest.Length);
    }

    [Fact]
    public async Task Without_payloads_no_arguments_are_told_and_their_digest_is()
    {
        await using RunningAuditor auditor = await RunningAuditor.OnSocketAsync(Socket, _told);
        await using var calls = new TappedCalls(Auditor, new McpOptions { Payload = PayloadMode.Metadata });
        calls.Open(1, 1, """{"a":1}""");
        await UntilAsync(() => calls.Feed.Counts.Taken == 1);
        Opened opened = Only(Kind.Opened).Opened;
        Assert.True(opened is { ArgumentsComplete: false, Arguments.IsEmpty: true });
        Assert.Equal(SHA256.HashData("""{"a":1}"""u8), opened.ArgumentsDigest.Span);
    }

    [Fact]
    public async Task While_the_auditor_is_away_calls_wait_for_it()
    {
        var log = new Warnings();
        await using var calls = new TappedCalls(Auditor, logger: log);
        calls.Open(1, 100);
        await UntilAsync(() => log.Any("is not there and is tried again"));
        Assert.True(log.Any($"there is no socket {Socket}"));
        Assert.False(calls.Feed.IsUp);

        await using RunningAuditor auditor = await RunningAuditor.OnSocketAsync(Socket, _told);
        calls.Close(1, 100);
        await UntilAsync(() => calls.Feed.Counts.Taken == 300);
        Assert.True(calls.Feed.IsUp);
        Assert.Equal((0, 0ul, 0L), (_told.Repeated, calls.Feed.Counts.Shed, calls.Feed.Counts.Waiting));
        AssertEachOnce(calls, Kind.Opened, Kind.Answering, Kind.Closed);
    }

    [Fact]
    public async Task What_an_auditor_took_and_did_not_acknowledge_is_told_to_the_next()
    {
        await using var calls = new TappedCalls(Auditor);
        int seen = 0;
        // It takes the thirtieth, and dies before it says so.
        RunningAuditor first = await RunningAuditor.OnSocketAsync(
            Socket,
            _told,
            async (message, cancellation) =>
            {
                if (Interlocked.Increment(ref seen) > 30)
                {
                    _told.Take(message);
                    await Task.Delay(Timeout.Infinite, cancellation);
                }
            }
        );
        calls.Open(1, 50);
        await UntilAsync(() => seen > 30);
        await first.DisposeAsync();
        calls.Close(1, 50);

        await using RunningAuditor second = await RunningAuditor.OnSocketAsync(Socket, _told);
        await UntilAsync(() => calls.Feed.Counts.Taken == 150);
        Assert.NotEqual(0, _told.Repeated);
        Assert.Equal(0ul, calls.Feed.Counts.Shed);
        AssertEachOnce(calls, Kind.Opened, Kind.Answering, Kind.Closed);
    }

    [Fact]
    public async Task An_auditor_that_asks_for_the_token_again_has_it_at_once_and_nothing_is_lost()
    {
        var log = new Warnings();
        int seen = 0;
        await using RunningAuditor auditor = await RunningAuditor.OnSocketAsync(
            Socket,
            _told,
            async (message, cancellation) =>
            {
                // A stream that is ended sooner would be one that broke.
                if (Interlocked.Increment(ref seen) == 30)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(1100), cancellation);
                    throw new RpcException(new Status(StatusCode.Unavailable, AuditStreams.AuthenticateAgain));
                }
            }
        );
        await using var calls = new TappedCalls(Auditor, logger: log);
        calls.Open(1, 50);
        calls.Close(1, 50);
        await UntilAsync(() => calls.Feed.Counts.Taken == 150);
        Assert.False(log.Any("is not there"));
        Assert.Equal(2, _told.Hellos.Count);
        Assert.Equal(0ul, calls.Feed.Counts.Shed);
        AssertEachOnce(calls, Kind.Opened, Kind.Answering, Kind.Closed);
    }

    [Fact]
    public async Task An_auditor_that_asks_for_the_token_without_end_is_not_asked_without_end()
    {
        var log = new Warnings();
        var refused = new ConcurrentQueue<long>();
        await using var calls = new TappedCalls(Auditor, logger: log);
        await using RunningAuditor auditor = await RunningAuditor.OnSocketAsync(
            Socket,
            _told,
            (message, _) =>
            {
                if (message.Opened is null)
                {
                    return Task.CompletedTask;
                }

                refused.Enqueue(Stopwatch.GetTimestamp());
                throw new RpcException(new Status(StatusCode.Unavailable, AuditStreams.AuthenticateAgain));
            }
        );
        calls.Open(1, 1);
        await UntilAsync(() => refused.Count >= 4);
        Assert.True(log.Any(AuditStreams.AuthenticateAgain));
        long[] times = [.. refused];
        // The first stream may have been old enough to be asked again at once; the others are too young for that.
        Assert.InRange(Stopwatch.GetElapsedTime(times[1], times[3]), TimeSpan.FromMilliseconds(200), TimeSpan.MaxValue);
    }

    [Fact]
    public async Task Restarts_under_way_lose_nothing()
    {
        const int Calls = 2003;
        await using var calls = new TappedCalls(Auditor);
        for (int life = 0, sent = 0; life < 4; life++)
        {
            await using RunningAuditor auditor = await RunningAuditor.OnSocketAsync(Socket, _told);
            ulong before = calls.Feed.Counts.Taken;
            int end = life == 3 ? Calls : sent + 500;
            for (; sent < end; sent += 10)
            {
                int count = Math.Min(10, end - sent);
                calls.Open(sent + 1, count);
                calls.Close(sent + 1, count);
            }

            sent = end;
            await UntilAsync(() => calls.Feed.Counts.Taken > before + 100);
        }

        await using RunningAuditor last = await RunningAuditor.OnSocketAsync(Socket, _told);
        await UntilAsync(() => calls.Feed.Counts.Taken == 3 * Calls);
        Assert.Equal(0ul, calls.Feed.Counts.Shed);
        AssertEachOnce(calls, Kind.Opened, Kind.Answering, Kind.Closed);
    }

    [Fact]
    public async Task What_does_not_fit_is_counted_and_the_auditor_is_told_of_it()
    {
        const int Calls = 1009;
        await using var calls = new TappedCalls(Auditor, new McpOptions { MaxMemoryBytes = 1L << 30 });
        string arguments = $$"""{"x":"{{new string('x', 100_000)}}"}""";
        calls.Open(1, Calls, arguments);
        AuditCounts full = calls.Feed.Counts;
        Assert.InRange(full.Full.Opened, 1ul, Calls - 100ul);
        Assert.InRange(full.Waiting, AuditQueue.MaxBytes / 2, AuditQueue.MaxBytes);

        // Room is left for the ends of those that were told.
        calls.Close(1, Calls);
        Assert.Equal((0ul, 0ul), (calls.Feed.Counts.Full.Answering, calls.Feed.Counts.Full.Closed));

        await using RunningAuditor auditor = await RunningAuditor.OnSocketAsync(Socket, _told);
        await UntilAsync(() => calls.Feed.Counts.Waiting == 0);
        int told = _told.Keys(Kind.Opened).Count;
        Assert.Equal(Calls - told, (int)calls.Feed.Counts.Shed);
        LostCount lost = Assert.Single(_told.Lost.Counts);
        Assert.Equal(
            (LostReason.Full, (ulong)(Calls - told), 0ul, 0ul),
            (lost.Reason, lost.Opened, lost.Answering, lost.Closed)
        );
        AssertEachOnce(calls, Kind.Answering, Kind.Closed);
    }

    [Fact]
    public async Task Many_small_ones_are_bounded_in_number_and_all_accounted_for()
    {
        await using var calls = new TappedCalls(Auditor);
        const int Calls = AuditQueue.MaxMessages;
        for (int first = 1; first < Calls; first += 1024)
        {
            calls.Open(first, 1024);
            calls.Close(first, 1024);
        }

        AuditCounts full = calls.Feed.Counts;
        Assert.InRange(full.Waiting, 1, AuditQueue.MaxBytes);
        Assert.NotEqual(0ul, full.Full.Closed);
        await using RunningAuditor auditor = await RunningAuditor.OnSocketAsync(Socket, _told);
        await UntilAsync(() => calls.Feed.Counts.Waiting == 0);
        AuditCounts now = calls.Feed.Counts;
        Assert.Equal(3ul * Calls, now.Taken + now.Shed);
        Assert.Equal(now.Taken, (ulong)_told.Messages.Count);
        LostCount lost = Assert.Single(_told.Lost.Counts);
        Assert.Equal(now.Full, new ShedMessages(lost.Opened, lost.Answering, lost.Closed));
    }

    [Fact]
    public async Task An_auditor_that_takes_nothing_holds_nothing_up()
    {
        await using RunningAuditor auditor = await RunningAuditor.OnSocketAsync(
            Socket,
            _told,
            (message, cancellation) =>
                message.Hello is null ? Task.Delay(Timeout.Infinite, cancellation) : Task.CompletedTask
        );
        await using var calls = new TappedCalls(Auditor, new McpOptions { MaxMemoryBytes = 1L << 30 });
        await UntilAsync(() => calls.Feed.IsUp);
        string arguments = $$"""{"x":"{{new string('x', 100_000)}}"}""";
        for (int first = 1; first < 2000; first += 50)
        {
            calls.Open(first, 50, arguments);
            calls.Close(first, 50);
            Assert.InRange(calls.Feed.Counts.Waiting, 0, AuditQueue.MaxBytes + 4096);
        }

        Assert.NotEqual(0ul, calls.Feed.Counts.Full.Opened);
        Task stop = calls.Feed.FlushAsync();
        await stop.WaitAsync(s_patience, TestContext.Current.CancellationToken);
        Assert.Equal(6000ul, calls.Feed.Counts.Shed);
        Assert.Equal(0, calls.Feed.Counts.Waiting);
        calls.Open(5000, 1);
        Assert.Equal(6001ul, calls.Feed.Counts.Shed);
    }

    [Fact]
    public async Task A_message_that_is_refused_is_counted_and_the_next_are_told()
    {
        var log = new Warnings();
        await using RunningAuditor auditor = await RunningAuditor.OnSocketAsync(
            Socket,
            _told,
            (message, _) =>
                message.Opened?.Arguments.ToStringUtf8() == """{"poison":1}"""
                    ? throw new RpcException(new(StatusCode.InvalidArgument, "that\u001b[2J\nno"))
                    : Task.CompletedTask
        );
        await using var calls = new TappedCalls(Auditor, logger: log);
        calls.Open(1, 10);
        calls.Open(11, 1, """{"poison":1}""");
        calls.Open(12, 10);
        await UntilAsync(() => calls.Feed.Counts is { Taken: 20, Waiting: 0 });
        Assert.Equal((1ul, 1ul), (calls.Feed.Counts.Refused.Opened, calls.Feed.Counts.Shed));
        LostCount lost = Assert.Single(_told.Lost.Counts);
        Assert.Equal((LostReason.Refused, 1ul), (lost.Reason, lost.Opened));
        var metrics = new MetricsText(openMetrics: false);
        new AgentMetrics(new(new()), () => default, new(), () => default, audit: calls.Feed).Render(metrics);
        Assert.Contains("\nocx_agent_audit_taken_total 20\n", metrics.ToString(), StringComparison.Ordinal);
        Assert.Contains(
            "\nocx_agent_audit_shed_total{reason=\"refused\",moment=\"opened\"} 1\n",
            metrics.ToString(),
            StringComparison.Ordinal
        );
        Assert.True(log.Any(@"which is lost: InvalidArgument: that\u{1b}[2J\nno"));
    }

    [Theory]
    [InlineData(Kind.Hello)]
    [InlineData(Kind.Opened)]
    public async Task An_auditor_that_acknowledges_what_was_not_sent_is_left(Kind kind)
    {
        var log = new Warnings();
        int liedTo = 0;
        await using RunningAuditor auditor = await RunningAuditor.OnSocketAsync(
            Socket,
            _told,
            (message, _) =>
            {
                if (message.BodyCase == kind && Interlocked.Increment(ref liedTo) == 1)
                {
                    message.Sequence = 99; // this is what the server acknowledges
                }

                return Task.CompletedTask;
            }
        );
        await using var calls = new TappedCalls(Auditor, logger: log);
        calls.Open(1, 5);
        await UntilAsync(() => calls.Feed.Counts.Taken == 5);
        Assert.True(log.Any("it acknowledged what was not sent"));
        Assert.Equal(2, _told.Hellos.Count);
        AssertEachOnce(calls, Kind.Opened);
    }

    [Fact]
    public async Task The_follower_hands_on_all_three_moments_with_the_pods_that_it_knows_then()
    {
        await using RunningAuditor auditor = await RunningAuditor.OnSocketAsync(Socket, _told);
        var keys = new CallKeys();
        var pods = new PodTable();
        pods.Replace([], 0);
        pods.Put(NodePod.From(PodDocuments.Pod("tools", ["10.0.1.10"])), 0);
        var attribution = new CallAttribution("node-1", pods, owners: null);
        await using var feed = new AuditFeed(
            Auditor,
            PayloadMode.Full,
            "node-1",
            keys,
            attribution,
            NullLogger<AuditFeed>.Instance
        );
        var options = new McpOptions { CallKeys = keys, AuditedMethods = Auditor.Methods };
        var follower = new CallFollower(new MonotonicClock(), options, attribution, feed);
        foreach (
            byte[] record in Records.Conversation(
                Encoding.UTF8.GetBytes(Mcp.Tests.Calls.Peer.Call(1) + "\n"),
                Encoding.UTF8.GetBytes(Mcp.Tests.Calls.Peer.Result(1) + "\n"),
                TimeSpan.FromMilliseconds(5)
            )
        )
        {
            follower.Accept(CapturedSegment.Read(record));
        }

        follower.EndOfBlock();
        await UntilAsync(() => feed.Counts.Taken >= 2);
        Assert.Equal("tools", Only(Kind.Opened).Opened.Server.Pod);
        follower.Finish();
        await UntilAsync(() => feed.Counts.Taken == 3);
        Assert.Equal("tools", Only(Kind.Closed).Closed.Server.Pod);
        Assert.Equal(5_000_000, Only(Kind.Answering).Answering.TimeUnixNs - Only(Kind.Opened).Opened.TimeUnixNs);
    }

    [Fact]
    public async Task Over_TLS_it_is_known_by_its_authority_and_the_token_is_shown_as_it_is_then()
    {
        using X509Certificate2 certificate = SelfSigned("localhost");
        using X509Certificate2 other = SelfSigned("localhost");
        string authority = Path.Combine(_folder, "ca.crt"),
            token = Path.Combine(_folder, "token");
        await File.WriteAllTextAsync(authority, other.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(token, "first\n", TestContext.Current.CancellationToken);
        var log = new Warnings();
        await using RunningAuditor auditor = await RunningAuditor.OnTlsAsync(certificate, _told);
        var options = new AuditorOptions
        {
            Endpoint = new()
            {
                Address = $"https://localhost:{auditor.Port}",
                AuthorityFile = authority,
                TokenFile = token,
            },
        };
        await using var calls = new TappedCalls(options, logger: log);
        calls.Open(1, 1);
        await UntilAsync(() => log.Any("is not there"));
        Assert.Empty(_told.Authorizations);

        // The authority is rotated, and the token with it.
        await File.WriteAllTextAsync(token, "second\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(authority, certificate.ExportCertificatePem(), CancellationToken.None);
        await UntilAsync(() => calls.Feed.Counts.Taken == 1);
        Assert.Equal(["Bearer second"], _told.Authorizations);
        Assert.False(log.Any("second"));
    }

    [Theory]
    [InlineData("two words")]
    [InlineData("")]
    public async Task What_is_no_token_is_not_sent_and_not_shown(string content)
    {
        string token = Path.Combine(_folder, "token");
        await File.WriteAllTextAsync(token, content, TestContext.Current.CancellationToken);
        var log = new Warnings();
        await using var calls = new TappedCalls(
            new AuditorOptions
            {
                Endpoint = new() { Address = "https://localhost:1", TokenFile = token },
            },
            logger: log
        );
        await UntilAsync(() => log.Any($"{token} holds no token"));
        Assert.False(log.Any("two words"));
    }

    private AgentMessage Only(Kind kind) => Assert.Single(_told.Messages, each => each.BodyCase == kind);

    private void AssertEachOnce(TappedCalls calls, params Kind[] kinds) =>
        Assert.All(kinds, kind => Assert.Equal([.. calls.Keys.Order()], _told.Keys(kind).Order()));

    private static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(s_patience);
        while (!holds())
        {
            await Task.Delay(10, patience.Token);
        }
    }

    private sealed class Warnings : ILogger<AuditFeed>
    {
        private readonly List<string> _lines = [];

        public bool Any(string text)
        {
            lock (_lines)
            {
                return _lines.Exists(line => line.Contains(text, StringComparison.Ordinal));
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            lock (_lines)
            {
                _lines.Add(formatter(state, exception));
            }
        }
    }
}
