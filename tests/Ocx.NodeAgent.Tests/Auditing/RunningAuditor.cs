using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Ocx.Audit.Wire;

namespace Ocx.NodeAgent.Tests.Auditing;

/// <summary>What an auditor was told, over all of its lives.</summary>
internal sealed class Told
{
    private readonly ConcurrentDictionary<(string Key, AgentMessage.BodyOneofCase Kind), AgentMessage> _byKey = new();

    /// <summary>Each message by its call and its kind, once.</summary>
    public IReadOnlyCollection<AgentMessage> Messages => [.. _byKey.Values];

    /// <summary>The keys of one kind of message.</summary>
    public HashSet<string> Keys(AgentMessage.BodyOneofCase kind) =>
        [.. _byKey.Keys.Where(key => key.Kind == kind).Select(key => key.Key)];

    /// <summary>Messages that came again.</summary>
    public int Repeated => _repeated;

    /// <summary>The last account of what was lost.</summary>
    public Lost Lost { get; private set; } = new();

    public ConcurrentQueue<Hello> Hellos { get; } = new();

    public ConcurrentQueue<string?> Authorizations { get; } = new();

    private int _repeated;

    public void Take(AgentMessage message)
    {
        string key = message.Opened?.Key ?? message.Answering?.Key ?? message.Closed?.Key ?? string.Empty;
        if (message.BodyCase == AgentMessage.BodyOneofCase.Lost)
        {
            Lost = message.Lost;
        }
        else if (!_byKey.TryAdd((key, message.BodyCase), message))
        {
            Interlocked.Increment(ref _repeated);
        }
    }
}

/// <summary>A real gRPC server that takes what agents tell, as it is told to.</summary>
internal sealed class RunningAuditor : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningAuditor(WebApplication app) => _app = app;

    /// <summary>Called for each message before it is taken; what it throws ends the stream.</summary>
    public delegate Task Manner(AgentMessage message, CancellationToken cancellation);

    /// <summary>The port over TLS.</summary>
    public int Port => new Uri(_app.Urls.Single()).Port;

    /// <summary>Serves on a Unix socket.</summary>
    public static Task<RunningAuditor> OnSocketAsync(string path, Told told, Manner? manner = null) =>
        StartAsync(
            kestrel =>
            {
                File.Delete(path);
                kestrel.ListenUnixSocket(path, listen => listen.Protocols = HttpProtocols.Http2);
            },
            told,
            manner
        );

    /// <summary>Serves on a port of the loopback address, over TLS.</summary>
    public static Task<RunningAuditor> OnTlsAsync(X509Certificate2 certificate, Told told) =>
        StartAsync(
            kestrel =>
                kestrel.Listen(
                    IPAddress.Loopback,
                    0,
                    listen =>
                    {
                        listen.Protocols = HttpProtocols.Http2;
                        listen.UseHttps(certificate);
                    }
                ),
            told,
            null
        );

    public async ValueTask DisposeAsync()
    {
        // As a process that is killed: streams are not waited for.
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private static async Task<RunningAuditor> StartAsync(Action<KestrelServerOptions> listen, Told told, Manner? manner)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(listen);
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(told);
        builder.Services.AddSingleton(manner ?? ((_, _) => Task.CompletedTask));
        WebApplication app = builder.Build();
        app.MapGrpcService<Service>();
        await app.StartAsync();
        return new(app);
    }

    internal sealed class Service(Told told, Manner manner) : Auditor.AuditorBase
    {
        public override async Task Report(
            IAsyncStreamReader<AgentMessage> requestStream,
            IServerStreamWriter<AuditorMessage> responseStream,
            ServerCallContext context
        )
        {
            told.Authorizations.Enqueue(context.RequestHeaders.GetValue("authorization"));
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                AgentMessage message = requestStream.Current;
                await manner(message, context.CancellationToken);
                if (message.Hello is { } hello)
                {
                    told.Hellos.Enqueue(hello);
                }
                else
                {
                    told.Take(message);
                }

                await responseStream.WriteAsync(
                    new() { Acknowledgement = new() { Through = message.Sequence } },
                    context.CancellationToken
                );
            }
        }
    }
}
