using System.CommandLine;
using System.Globalization;
using Grpc.Net.Client;
using Ocx.Audit.Ledger;
using Ocx.Audit.Wire;
using Ocx.Auditor.Options;
using Ocx.Auditor.Tests.Intake;
using Ocx.Ledger.Tests;

namespace Ocx.Auditor.Tests.Keeping;

/// <summary>Several auditors with one ledger in PostgreSQL, started as their command line says.</summary>
public sealed class PostgresTests(PostgresServer server) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ocx-auditor-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_that_two_auditors_are_told_of_has_one_record()
    {
        const int Calls = 300;
        Prepare(server.NewDatabase());
        using var stop = new CancellationTokenSource();
        Task<int>[] auditors = [.. Enumerable.Range(0, 2).Select(i => RunAsync(i, stop.Token))];
        try
        {
            using GrpcChannel first = RunningAuditor.Connect(Socket(0));
            using GrpcChannel second = RunningAuditor.Connect(Socket(1));
            await Task.WhenAll(ReportAsync(first, Calls), ReportAsync(second, Calls));

            // Both show all of it.
            foreach (GrpcChannel channel in new[] { first, second })
            {
                LedgerReport report = await VerifyAsync(Array.IndexOf([first, second], channel));
                Assert.Empty(report.Problems);
                Assert.Equal(["auditor-0", "auditor-1"], report.Chains.Select(chain => chain.Chain));
                Assert.Equal(Calls, report.Chains.Sum(chain => chain.Records));
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(auditors);
        }
    }

    [Fact]
    public async Task A_key_that_takes_anothers_place_verifies_with_what_is_there_and_what_comes()
    {
        Prepare(server.NewDatabase());
        await RunOnceAsync(0, calls: 3);
        File.Move(PathOf("key"), PathOf("previous"));
        using (LedgerSigningKey next = LedgerSigningKey.Create())
        {
            await File.WriteAllTextAsync(PathOf("key"), next.ExportPem(), Cancellation);
            File.SetUnixFileMode(PathOf("key"), UnixFileMode.UserRead);
        }

        StartupException refused = await Assert.ThrowsAsync<StartupException>(() => RunOnceAsync(0, calls: 5));
        Assert.Contains("give the old key", refused.Message, StringComparison.Ordinal);
        string old = $"--ledger-previous-key={PathOf("previous")}";
        Assert.Empty((await RunOnceAsync(0, calls: 5, old)).Problems);
        LedgerReport report = await RunOnceAsync(1, calls: 7, old);
        Assert.Empty(report.Problems);
        Assert.Equal([5, 2], report.Chains.Select(chain => chain.Records));
    }

    [Fact]
    public async Task An_auditor_that_waits_for_its_chain_can_be_stopped()
    {
        Prepare(server.NewDatabase());
        using var stop = new CancellationTokenSource();
        Task<int> first = RunAsync(0, stop.Token);
        try
        {
            using GrpcChannel channel = RunningAuditor.Connect(Socket(0));
            await ReportAsync(channel, 1);
            using var stopSecond = new CancellationTokenSource();
            Task<int> second = RunAsync(0, stopSecond.Token, socket: 1);
            await Task.Delay(1500, Cancellation);
            Assert.False(second.IsCompleted);
            await stopSecond.CancelAsync();
            Assert.Equal(0, await second);
        }
        finally
        {
            await stop.CancelAsync();
            await first;
        }
    }

    [Theory]
    [InlineData("give either --ledger or", "--ledger-postgres=c", "--ledger=l", "--ledger-key=k")]
    [InlineData("--ledger-postgres needs --ledger-key", "--ledger-postgres=c")]
    [InlineData("--replica a b: want", "--replica=a b")]
    public void A_command_line_that_makes_no_sense_is_refused(string reason, params string[] arguments)
    {
        ParseResult parse = new AuditorCommand().Root.Parse(["--audits=a", .. arguments]);
        Assert.StartsWith(reason, Assert.Single(parse.Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_started_with_is_said()
    {
        Prepare("Host=/nonexistent;Username=a;Password=hunter2");
        StartupException refused = await Assert.ThrowsAsync<StartupException>(() => RunAsync(0, Cancellation));
        Assert.Contains("cannot be reached", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refused.ToString(), StringComparison.Ordinal);
        File.Delete(PathOf("connection"));
        refused = await Assert.ThrowsAsync<StartupException>(() => RunAsync(0, Cancellation));
        Assert.Contains("cannot read the connection string", refused.Message, StringComparison.Ordinal);
        File.Delete(PathOf("key"));
        refused = await Assert.ThrowsAsync<StartupException>(() => RunAsync(0, Cancellation));
        Assert.Contains("the key", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private string Socket(int auditor) => PathOf($"{auditor}.sock");

    private void Prepare(string connection)
    {
        using LedgerSigningKey key = LedgerSigningKey.Create();
        File.WriteAllText(PathOf("key"), key.ExportPem());
        File.SetUnixFileMode(PathOf("key"), UnixFileMode.UserRead);
        File.WriteAllText(PathOf("connection"), connection + "\n");
        File.WriteAllText(
            PathOf("audits"),
            """
            apiVersion: ocx.dev/v1alpha1
            kind: McpAudit
            metadata: {name: orders}
            spec:
              server: {port: 8080}
              jury: {jurors: [{name: signals, signal: {}}]}
            """
        );
    }

    // Tells one of calls, and verifies what is there then.
    private async Task<LedgerReport> RunOnceAsync(int replica, int calls, params string[] more)
    {
        using var stop = new CancellationTokenSource();
        Task<int> auditor = RunAsync(replica, stop.Token, socket: null, more);
        try
        {
            using GrpcChannel channel = RunningAuditor.Connect(Socket(replica));
            await await Task.WhenAny(ReportAsync(channel, calls), auditor);
            return await VerifyAsync(replica);
        }
        finally
        {
            await stop.CancelAsync();
            await auditor;
        }
    }

    private async Task<int> RunAsync(
        int replica,
        CancellationToken cancellation,
        int? socket = null,
        params string[] more
    )
    {
        var command = new AuditorCommand();
        ParseResult parse = command.Root.Parse([
            $"--audits={PathOf("audits")}",
            $"--listen=unix:{Socket(socket ?? replica)}",
            $"--ledger-postgres={PathOf("connection")}",
            $"--ledger-key={PathOf("key")}",
            $"--replica=auditor-{replica}",
            .. more,
        ]);
        Assert.Empty(parse.Errors);
        return await Task.Run(() => AuditorHost.RunAsync(command.Read(parse), cancellation), Cancellation);
    }

    private static async Task ReportAsync(GrpcChannel channel, int calls)
    {
        using AgentStream agent = await AgentStream.OpenAsync(new Audit.Wire.Auditor.AuditorClient(channel));
        for (int i = 1; i <= calls; i++)
        {
            var opened = new Opened
            {
                Key = string.Create(CultureInfo.InvariantCulture, $"0123456789abcdef{i:x16}"),
                TimeUnixNs = 1_700_000_000_000_000_000 + i,
                Method = "tools/call",
                Tool = "get_orders",
                Server = new() { Address = "127.0.0.1:8080" },
            };
            await agent.SendAsync((ulong)i, new AgentMessage { Opened = opened });
        }

        await agent.AcknowledgedAsync((ulong)calls);
    }

    private async Task<LedgerReport> VerifyAsync(int auditor)
    {
        using var http = new HttpClient(
            new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancellation) =>
                {
                    var socket = new System.Net.Sockets.Socket(
                        System.Net.Sockets.AddressFamily.Unix,
                        System.Net.Sockets.SocketType.Stream,
                        System.Net.Sockets.ProtocolType.Unspecified
                    );
                    var place = new System.Net.Sockets.UnixDomainSocketEndPoint(Socket(auditor));
                    await socket.ConnectAsync(place, cancellation);
                    return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
                },
            }
        )
        {
            BaseAddress = new Uri("http://auditor"),
            DefaultRequestVersion = System.Net.HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        string keys = await http.GetStringAsync("/v1/ledger/key", Cancellation);
        using var verifier = new LedgerVerifier(LedgerPublicKey.AllFromPem(keys));
        await using Stream lines = await http.GetStreamAsync("/v1/ledger/lines", Cancellation);
        verifier.ReadAll(lines);
        return verifier.Finish();
    }
}
