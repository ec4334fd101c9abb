using System.Net;
using k8s;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Ocx.Audit.Approvals;
using Ocx.Audit.Ledger;
using Ocx.Audit.Tokens;
using Ocx.Auditor.Approvals;
using Ocx.Auditor.Audits;
using Ocx.Auditor.Cluster;
using Ocx.Auditor.Deciding;
using Ocx.Auditor.Http;
using Ocx.Auditor.Intake;
using Ocx.Auditor.Jurors;
using Ocx.Auditor.Keeping;
using Ocx.Auditor.Listening;
using Ocx.Auditor.Options;
using Ocx.Auditor.Pods;
using Ocx.Auditor.Reverting;
using Ocx.Auditor.Shadows;
using Ocx.Auditor.Tokens;
using Ocx.Auditor.Tracing;
using Ocx.Auditor.Watching;
using Ocx.Ledger;
using Ocx.Text;
using Prometheus;
using Serilog;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Compact;

namespace Ocx.Auditor;

/// <summary>The auditor: audits of a file or of a cluster, what it listens on, and its ledger.</summary>
internal static class AuditorHost
{
    // A stream of an agent has messages of up to 1 MiB of arguments, and what stands around them.
    private const int LongestMessage = 2 << 20;

    /// <summary>Runs until it is cancelled.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="StartupException">It cannot start as it was asked to.</exception>
    public static async Task<int> RunAsync(AuditorOptions options, CancellationToken cancellation)
    {
        await using ShadowHouse? house = await ShadowsAsync(options);
        using var audits = new AuditSet(options.Audits is { } file ? Audits(file, options.Secrets, house) : []);
        try
        {
            await using KeptLedger kept = await KeptLedger.OpenAsync(
                options,
                LedgerRetention.Widest(audits.Current.Select(audit => audit.Retention)),
                Warn,
                cancellation
            );
            RevertKeyRing tokens = RevertKeys.Of(options);
            using ApprovalFile? approvals = options.Cluster is null
                ? ApprovalFile.OpenBeside(options.Ledger, TimeProvider.System)
                : null;
            return await RunAsync(options, audits, kept.Ledger, approvals, tokens, cancellation);
        }
        catch (ApprovalsException wrong)
        {
            throw new StartupException(wrong.Message, wrong);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return 0; // it waited for its chain, or had not begun yet
        }
    }

    /// <summary>Runs until it is cancelled.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="StartupException">It cannot start as it was asked to.</exception>
    public static async Task<int> RunAsync(
        AuditorOptions options,
        AuditSet audits,
        ILedger ledger,
        IApprovals? approvals,
        RevertKeyRing tokens,
        CancellationToken cancellation
    )
    {
        ListeningSocket.Prepare(options.Socket);
        ServerCertificate? certificate = options.Cluster is { } cluster
            ? new ServerCertificate(cluster.Tls, TimeProvider.System)
            : null;
        using Kubernetes? kubernetes = options.Cluster is null ? null : ClusterServices.Connect();
        var pods = new PodIndex(TimeProvider.System);
        using var lookup = new PodLookup(pods, TimeProvider.System);
        CollectorRegistry registry = Metrics.NewCustomRegistry();
        IMetricFactory factory = Metrics.WithCustomRegistry(registry);
        var metrics = new AuditorMetrics(factory);
        _ = new ShadowMetrics(audits, registry);
        using TraceExport? traces = TraceExport.FromEnvironment();

        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSerilog(log => Logging(log));
        Listen(builder, options, certificate);
        builder.Services.AddSingleton(metrics);
        builder.Services.AddSingleton(audits);
        builder.Services.AddSingleton(ledger);
        builder.Services.AddSingleton<AgentInstances>();
        var feed = new Feed();
        var records = new CallRecords(ledger, feed, metrics, traces, TimeProvider.System, cancellation);
        builder.Services.AddDeciding(
            audits,
            kubernetes is null ? null : new CalledServers(lookup, pods, metrics),
            records,
            tokens,
            feed,
            cancellation
        );
        builder.Services.AddSingleton(
            new GateRulesBook(audits, kubernetes is null ? null : pods, options.Cluster?.SetsGatedCondition == true)
        );
        builder.Services.AddSingleton(provider => new HoldTally(
            ledger,
            metrics,
            TimeProvider.System,
            provider.GetRequiredService<ILogger<HoldTally>>()
        ));
        builder.Services.AddHostedService(provider => provider.GetRequiredService<HoldTally>());
        builder.Services.AddSingleton<GateInstances>();
        builder.Services.AddSingleton<GateDoor>();
        if (kubernetes is null)
        {
            builder.Services.AddSingleton<ICallerAccess, OwnerOfSocket>();
            builder.Services.AddSingleton(approvals!);
        }
        else
        {
            builder.Services.AddCluster(kubernetes, options.Cluster!, pods, factory);
        }

        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = LongestMessage);
        await using WebApplication app = builder.Build();
        approvals = app.Services.GetRequiredService<IApprovals>();
        approvals.Changed += approval => feed.Publish(ApprovalEndpoints.Line(approval));
        app.UseEntrances();
        app.MapGrpcService<AuditorService>().OpenAt(Entrance.Socket, Entrance.Agents);
        RouteGroupBuilder local = app.MapGroup("/v1");
        local.MapLedger(ledger);
        local.MapRevertTokens(ledger.Reader, tokens);
        local.MapReverts(
            new RevertDesk(ledger.Reader, records, tokens, audits, TimeProvider.System, cancellation),
            standsAlone: kubernetes is null
        );
        local.MapApprovals(approvals);
        local.MapWatch(feed);
        local.OpenAt(Entrance.Socket);
        app.MapGet("/healthz", () => "ok").OpenAt(Entrance.Health);
        app.MapGet("/readyz", Ready).OpenAt(Entrance.Health);
        app.MapMetrics(registry: registry).OpenAt(Entrance.Health);
        await app.RunAsync(cancellation);
        return 0;
    }

    private static void Listen(WebApplicationBuilder builder, AuditorOptions options, ServerCertificate? certificate)
    {
        builder.Services.Configure<SocketTransportOptions>(sockets =>
            sockets.CreateBoundListenSocket = endpoint =>
                endpoint is IPEndPoint
                    ? SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint)
                    : ListeningSocket.Bind(endpoint)
        );
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenUnixSocket(
                options.Socket,
                listen =>
                {
                    listen.Protocols = HttpProtocols.Http2;
                    listen.IsEntrance(Entrance.Socket);
                }
            );
            if (options.HttpPort > 0)
            {
                kestrel.Listen(
                    options.HttpAddress,
                    options.HttpPort,
                    listen =>
                    {
                        listen.Protocols = HttpProtocols.Http1;
                        listen.IsEntrance(Entrance.Health);
                    }
                );
            }

            if (certificate is not null)
            {
                kestrel.ListenAnyIP(
                    options.Cluster!.GrpcPort,
                    listen =>
                    {
                        listen.Protocols = HttpProtocols.Http2;
                        listen.IsEntrance(Entrance.Agents);
                        var log = listen.ApplicationServices.GetRequiredService<ILogger<ServerCertificate>>();
                        listen.UseHttps(
                            (_, _, _, _) => ValueTask.FromResult(certificate.Options(log)),
                            new object(),
                            handshakeTimeout: TimeSpan.FromSeconds(10)
                        );
                    }
                );
            }
        });
    }

    private static IResult Ready(HttpContext http) =>
        http.RequestServices.GetService<Readiness>()?.IsReady == false
            ? Results.Text("the cluster's audits and pods are not read yet", statusCode: 503)
            : Results.Text("ok");

    private static void Warn(string warning) =>
        Console.Error.WriteLine($"ocx-auditor: warning: {WireText.Escape(warning)}");

    private static LoggerConfiguration Logging(LoggerConfiguration log) =>
        log
            .MinimumLevel.Override("Microsoft", Serilog.Events.LogEventLevel.Warning)
            .MinimumLevel.Override("Grpc", Serilog.Events.LogEventLevel.Warning)
            .WriteTo.Console(new CompactJsonFormatter());

    private static async Task<ShadowHouse?> ShadowsAsync(AuditorOptions options)
    {
        if (options.Shadows is not { } folder)
        {
            return null;
        }

        string[] hidden =
        [
            Path.GetDirectoryName(Path.GetFullPath(options.Ledger))!,
            .. options.Secrets is { } secrets ? [Path.GetFullPath(secrets)] : Array.Empty<string>(),
        ];
        try
        {
            return await ShadowHouse.OpenAsync(
                Path.GetFullPath(folder),
                hidden,
                new SecretFolder(options.Secrets),
                new SerilogLoggerFactory(Logging(new LoggerConfiguration()).CreateLogger(), dispose: true)
            );
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StartupException($"--shadows {folder}: {wrong.Message}", wrong);
        }
    }

    private static IReadOnlyList<ActiveAudit> Audits(string file, string? secrets, ShadowHouse? house)
    {
        try
        {
            return AuditFile.Load(
                file,
                new RemoteJurors(new SecretFolder(secrets)).Create,
                Warn,
                house is null ? null : house.Create
            );
        }
        catch (Exception wrong) when (wrong is FormatException or ArgumentException)
        {
            throw new StartupException(wrong.Message, wrong);
        }
    }
}
