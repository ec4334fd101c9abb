using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Ocx.Audit.Ledger;
using Ocx.Auditor.Audits;
using Ocx.Auditor.Deciding;
using Ocx.Auditor.Http;
using Ocx.Auditor.Intake;
using Ocx.Auditor.Jurors;
using Ocx.Auditor.Listening;
using Ocx.Auditor.Options;
using Ocx.Ledger;
using Ocx.Text;
using Prometheus;
using Serilog;
using Serilog.Formatting.Compact;

namespace Ocx.Auditor;

/// <summary>The auditor on one machine: audits of a file, a Unix socket, and a ledger in a file.</summary>
internal static class AuditorHost
{
    // A stream of an agent has messages of up to 1 MiB of arguments, and what stands around them.
    private const int LongestMessage = 2 << 20;

    /// <summary>Runs until it is cancelled.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="StartupException">It cannot start as it was asked to.</exception>
    public static async Task<int> RunAsync(AuditorOptions options, CancellationToken cancellation)
    {
        IReadOnlyList<ActiveAudit> audits = Audits(options);
        try
        {
            string? folder = Path.GetDirectoryName(Path.GetFullPath(options.Ledger));
            Directory.CreateDirectory(folder!);
            using LedgerSigningKey key = await LedgerKeyFile.LoadOrCreateAsync(options.Ledger + ".key", cancellation);
            await using SqliteLedger ledger = await SqliteLedger.OpenAsync(
                new SqliteLedgerOptions { Path = options.Ledger, Key = key },
                TimeProvider.System
            );
            return await RunAsync(options, audits, ledger, key.PublicKey, cancellation);
        }
        catch (LedgerException wrong)
        {
            throw new StartupException(wrong.Message, wrong);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"cannot keep the ledger {options.Ledger}: {wrong.Message}", wrong);
        }
        finally
        {
            foreach (ActiveAudit audit in audits)
            {
                audit.Dispose();
            }
        }
    }

    /// <summary>Runs until it is cancelled.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="StartupException">It cannot start as it was asked to.</exception>
    public static async Task<int> RunAsync(
        AuditorOptions options,
        IReadOnlyList<ActiveAudit> audits,
        SqliteLedger ledger,
        LedgerPublicKey key,
        CancellationToken cancellation
    )
    {
        ListeningSocket.Prepare(options.Socket);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSerilog(log =>
            log.MinimumLevel.Override("Microsoft", Serilog.Events.LogEventLevel.Warning)
                .MinimumLevel.Override("Grpc", Serilog.Events.LogEventLevel.Warning)
                .WriteTo.Console(new CompactJsonFormatter())
        );
        builder.Services.Configure<SocketTransportOptions>(sockets =>
            sockets.CreateBoundListenSocket = endpoint =>
                endpoint is IPEndPoint
                    ? SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint)
                    : ListeningSocket.Bind(endpoint)
        );
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenUnixSocket(options.Socket, listen => listen.Protocols = HttpProtocols.Http2);
            if (options.HttpPort > 0)
            {
                kestrel.Listen(options.HttpAddress, options.HttpPort, listen => listen.Protocols = HttpProtocols.Http1);
            }
        });
        CollectorRegistry registry = Metrics.NewCustomRegistry();
        var metrics = new AuditorMetrics(Metrics.WithCustomRegistry(registry));
        builder.Services.AddSingleton(metrics);
        builder.Services.AddSingleton(new Judge(audits, ledger, metrics, TimeProvider.System, cancellation));
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = LongestMessage);
        await using WebApplication app = builder.Build();
        app.MapGrpcService<AuditorService>();
        app.MapLedger(ledger.Reader, key);
        app.MapGet("/healthz", () => "ok");
        app.MapGet("/readyz", () => "ok");
        app.MapMetrics(registry: registry);
        await app.RunAsync(cancellation);
        return 0;
    }

    private static IReadOnlyList<ActiveAudit> Audits(AuditorOptions options)
    {
        try
        {
            return AuditFile.Load(
                options.Audits,
                new RemoteJurors(options.Secrets).Create,
                warning => Console.Error.WriteLine($"ocx-auditor: warning: {WireText.Escape(warning)}")
            );
        }
        catch (FormatException wrong)
        {
            throw new StartupException(wrong.Message, wrong);
        }
    }
}
