using System.Diagnostics;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Ocx.Operator.Tests;

/// <summary>A real HTTP server on loopback in the place of an API server, which does what a test tells it to.</summary>
internal sealed class LoopbackApi : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LoopbackApi(WebApplication app)
    {
        _app = app;
        Kubernetes = new Kubernetes(new KubernetesClientConfiguration { Host = app.Urls.Single() });
    }

    /// <summary>A client of it.</summary>
    public Kubernetes Kubernetes { get; }

    public static async Task<LoopbackApi> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new LoopbackApi(app);
    }

    /// <summary>Waits until something holds; a test that waits in vain fails with a name for it.</summary>
    public static async Task EventuallyAsync(Func<bool> condition, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"Not within a minute: {what}.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Kubernetes.Dispose();
        await _app.DisposeAsync();
    }
}
