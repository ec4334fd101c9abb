using System.Collections.Concurrent;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Ocx.Audit.Wire;

namespace Ocx.Gate.Tests.Asking;

/// <summary>What an auditor was told and asked, over all of its lives, and how it behaves.</summary>
internal sealed class Bench
{
    public ConcurrentQueue<GateHello> Hellos { get; } = new();

    public ConcurrentQueue<GateMessage> Messages { get; } = new();

    public IEnumerable<string> Asked => Messages.Where(message => message.Opened is not null).Select(m => m.Opened.Key);

    /// <summary>What it begins with.</summary>
    public GateOrder First { get; set; } = new() { Rules = new() { Audits = { Gate.Tests.Asking.Asked.Audit() } } };

    /// <summary>Called for each message; what it gives is sent, and what it throws ends the stream.</summary>
    public Func<GateMessage, GateOrder?> Manner { get; set; } = _ => null;

    /// <summary>What is sent without being asked.</summary>
    public ConcurrentQueue<GateOrder> Unasked { get; } = new();
}

/// <summary>A real gRPC server that judges as it is told to.</summary>
internal sealed class RunningJudge : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningJudge(WebApplication app) => _app = app;

    /// <summary>Serves on a Unix socket.</summary>
    public static async Task<RunningJudge> StartAsync(string socket, Bench bench)
    {
        File.Delete(socket);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.ListenUnixSocket(socket, listen => listen.Protocols = HttpProtocols.Http2)
        );
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(bench);
        WebApplication app = builder.Build();
        app.MapGrpcService<Service>();
        await app.StartAsync();
        return new(app);
    }

    public async ValueTask DisposeAsync()
    {
        // As a process that is killed: streams are not waited for.
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    internal sealed class Service(Bench bench) : Auditor.AuditorBase
    {
        public override async Task Hold(
            IAsyncStreamReader<GateMessage> requestStream,
            IServerStreamWriter<GateOrder> responseStream,
            ServerCallContext context
        )
        {
            Assert.True(await requestStream.MoveNext(context.CancellationToken));
            bench.Hellos.Enqueue(requestStream.Current.Hello);
            await responseStream.WriteAsync(bench.First, context.CancellationToken);
            Task<bool> next = requestStream.MoveNext(context.CancellationToken);
            while (true)
            {
                while (bench.Unasked.TryDequeue(out GateOrder? order))
                {
                    await responseStream.WriteAsync(order, context.CancellationToken);
                }

                await Task.WhenAny(next, Task.Delay(10, context.CancellationToken));
                if (!next.IsCompleted)
                {
                    continue;
                }

                if (!await next)
                {
                    return;
                }

                GateMessage message = requestStream.Current;
                bench.Messages.Enqueue(message);
                if (bench.Manner(message) is { } answer)
                {
                    await responseStream.WriteAsync(answer, context.CancellationToken);
                }

                next = requestStream.MoveNext(context.CancellationToken);
            }
        }
    }
}
