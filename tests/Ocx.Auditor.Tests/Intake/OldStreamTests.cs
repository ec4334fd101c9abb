using Grpc.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Ocx.Audit.Approvals;
using Ocx.Audit.Ledger;
using Ocx.Audit.Tokens;
using Ocx.Audit.Wire;
using Ocx.Auditor.Approvals;
using Ocx.Auditor.Audits;
using Ocx.Auditor.Deciding;
using Ocx.Auditor.Intake;
using Ocx.Auditor.Watching;
using Ocx.Ledger;
using Prometheus;

namespace Ocx.Auditor.Tests.Intake;

/// <summary>A stream that has lasted as long as it may ends, and its agent is told to prove itself again.</summary>
public sealed class OldStreamTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ocx-auditor-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_is_acknowledged_by_then_stays_so()
    {
        using LedgerSigningKey key = await LedgerKeyFile.LoadOrCreateAsync(Path.Combine(_folder, "key"), Cancellation);
        await using SqliteLedger ledger = await SqliteLedger.OpenAsync(
            new SqliteLedgerOptions { Path = Path.Combine(_folder, "ledger.db"), Key = key },
            TimeProvider.System
        );
        using var approvals = ApprovalFile.OpenBeside(Path.Combine(_folder, "ledger.db"), TimeProvider.System);
        await using WebApplication app = await StartAsync(ledger, approvals);
        using var channel = RunningAuditor.Connect(Path.Combine(_folder, "auditor.sock"));
        using AgentStream agent = await AgentStream.OpenAsync(new Audit.Wire.Auditor.AuditorClient(channel));
        await agent.SendAsync(1, new AgentMessage { Answering = new Answering { Key = new string('0', 32) } });
        await agent.AcknowledgedAsync(1);
        RpcException ended = await agent.EndedAsync();
        Assert.Equal((StatusCode.Unavailable, AuditStreams.AuthenticateAgain), (ended.StatusCode, ended.Status.Detail));
        Assert.Equal(1UL, agent.Through);
    }

    private async Task<WebApplication> StartAsync(SqliteLedger ledger, ApprovalFile approvals)
    {
        var metrics = new AuditorMetrics(Metrics.WithCustomRegistry(Metrics.NewCustomRegistry()));
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.ListenUnixSocket(
                Path.Combine(_folder, "auditor.sock"),
                listen => listen.Protocols = HttpProtocols.Http2
            )
        );
        builder.Services.AddSingleton(metrics);
        builder.Services.AddSingleton<AgentInstances>();
        builder.Services.AddSingleton<ICallerAccess, ShortStreams>();
        builder.Services.AddSingleton<IApprovals>(approvals);
        var audits = new AuditSet([]);
        var feed = new Feed();
        builder.Services.AddDeciding(
            audits,
            null,
            new CallRecords(ledger, feed, metrics, null, TimeProvider.System, CancellationToken.None),
            new RevertKeyRing(new byte[RevertKeyRing.MinKeyLength]),
            feed,
            CancellationToken.None
        );
        builder.Services.AddSingleton(new GateRulesBook(audits, null));
        builder.Services.AddSingleton<ILedger>(ledger);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<HoldTally>();
        builder.Services.AddSingleton<GateInstances>();
        builder.Services.AddSingleton<GateDoor>();
        builder.Services.AddGrpc();
        WebApplication app = builder.Build();
        app.MapGrpcService<AuditorService>();
        await app.StartAsync(Cancellation);
        return app;
    }

    private sealed class ShortStreams : ICallerAccess
    {
        public TimeSpan LongestStream => TimeSpan.FromSeconds(5);

        public ValueTask<string?> NodeOfAsync(HttpContext http, Caller caller, CancellationToken cancellation) =>
            ValueTask.FromResult<string?>("n");
    }
}
