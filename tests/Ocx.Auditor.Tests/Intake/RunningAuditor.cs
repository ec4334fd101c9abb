using System.Net.Sockets;
using Grpc.Net.Client;
using Ocx.Audit.Classes;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Audit.Tokens;
using Ocx.Auditor.Approvals;
using Ocx.Auditor.Audits;
using Ocx.Auditor.Options;
using Ocx.Ledger;

namespace Ocx.Auditor.Tests.Intake;

/// <summary>An auditor on a Unix socket of its own. One juror votes as the test likes; the ledger is real.</summary>
internal sealed class RunningAuditor : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly string _folder;
    private readonly LedgerSigningKey _key;
    private readonly Task<int> _running;
    private readonly Func<Intent, CancellationToken, ValueTask<Vote>> _vote;
    private readonly GrpcChannel _channel;

    private RunningAuditor(
        Func<Intent, CancellationToken, ValueTask<Vote>> vote,
        string folder,
        LedgerSigningKey key,
        SqliteLedger ledger,
        int httpPort,
        GateTerms? gate
    )
    {
        (_folder, _key, Ledger) = (folder, key, ledger);
        Socket = Path.Combine(folder, $"{Guid.NewGuid():n}.sock");
        _vote = vote;
        Audits = new AuditSet([Audit("orders", gate)]);
        Approvals = ApprovalFile.Open(Path.Combine(folder, "approvals.db"), TimeProvider.System);
        _running = AuditorHost.RunAsync(
            new AuditorOptions { Socket = Socket, HttpPort = httpPort },
            Audits,
            ledger,
            Approvals,
            new RevertKeyRing(new byte[RevertKeyRing.MinKeyLength]),
            _stop.Token
        );
        _channel = Connect(Socket);
        Client = new Audit.Wire.Auditor.AuditorClient(_channel);
    }

    public string Socket { get; }

    public AuditSet Audits { get; }

    public Audit.Wire.Auditor.AuditorClient Client { get; }

    public SqliteLedger Ledger { get; }

    public ApprovalFile Approvals { get; }

    public static Task<RunningAuditor> StartAsync(
        Func<Intent, CancellationToken, ValueTask<Vote>> vote,
        int httpPort = 0,
        GateTerms? gate = null
    ) => StartAsync(vote, Directory.CreateTempSubdirectory("ocx-auditor-").FullName, httpPort, gate);

    /// <summary>Starts another one on the same ledger, when this one let go of it.</summary>
    public Task<RunningAuditor> StartAgainAsync(
        Func<Intent, CancellationToken, ValueTask<Vote>> vote,
        GateTerms? gate = null
    ) => StartAsync(vote, _folder, httpPort: 0, gate);

    /// <summary>Stops it, and keeps what it wrote.</summary>
    public async Task StopAsync()
    {
        _channel.Dispose();
        await _stop.CancelAsync();
        await _running;
        Approvals.Dispose();
        await Ledger.DisposeAsync();
    }

    /// <summary>An audit that the same juror judges.</summary>
    public ActiveAudit Audit(string name, GateTerms? gate, Ballot onDeadline = Ballot.Refuse) =>
        new(
            new AuditReference("shop", name, 1),
            new AuditScope(),
            new Classifier([new ClassRule(Glob("get_*"), CallClass.Reversible)]),
            new JuryPanel(
                new JuryRules
                {
                    Seats = [new Seat(new Voter(_vote), TimeSpan.FromMinutes(5), Ballot.Hold, MaxUnderWay: 10_000)],
                    Quorum = Quorum.AnyRefuses,
                    Deadline = TimeSpan.FromMinutes(10),
                    OnDeadline = onDeadline,
                },
                TimeProvider.System
            )
        )
        {
            Gate = gate,
        };

    private static Glob Glob(string pattern) => Ocx.Audit.Classes.Glob.TryParse(pattern, out Glob? glob) ? glob : null!;

    /// <summary>What the ledger has, in its order.</summary>
    public async Task<IReadOnlyList<LedgerEntry>> RecordsAsync()
    {
        var records = new List<LedgerEntry>();
        await foreach (LedgerRecord record in Ledger.Reader.NewestAsync(100_000, TestContext.Current.CancellationToken))
        {
            records.Insert(0, record.Entry);
        }

        return records;
    }

    private static async Task<RunningAuditor> StartAsync(
        Func<Intent, CancellationToken, ValueTask<Vote>> vote,
        string folder,
        int httpPort,
        GateTerms? gate
    )
    {
        LedgerSigningKey key = await LedgerKeyFile.LoadOrCreateAsync(
            Path.Combine(folder, "key.pem"),
            TestContext.Current.CancellationToken
        );
        SqliteLedger ledger = await SqliteLedger.OpenAsync(
            new SqliteLedgerOptions { Path = Path.Combine(folder, "ledger.db"), Key = key },
            TimeProvider.System
        );
        return new RunningAuditor(vote, folder, key, ledger, httpPort, gate);
    }

    public static GrpcChannel Connect(string socket) =>
        GrpcChannel.ForAddress("http://auditor", new GrpcChannelOptions { HttpHandler = Handler(socket) });

    /// <summary>Connects to its socket, as soon as it listens.</summary>
    public static SocketsHttpHandler Handler(string socket) =>
        new()
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                while (true)
                {
                    try
                    {
                        await client.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellation);
                        return new NetworkStream(client, ownsSocket: true);
                    }
                    catch (SocketException)
                    {
                        await Task.Delay(5, cancellation); // it does not listen yet
                    }
                }
            },
        };

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        _key.Dispose();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private sealed class Voter(Func<Intent, CancellationToken, ValueTask<Vote>> vote) : IJuror
    {
        public string Name => "voter";

        public ValueTask<Vote> JudgeAsync(Intent intent, CancellationToken cancellation) => vote(intent, cancellation);
    }
}
