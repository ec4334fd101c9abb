using System.Collections.Concurrent;
using System.ComponentModel;
using ModelContextProtocol.Server;

namespace Ocx.Auditor.Tests.Reverting;

/// <summary>An MCP server, the SDK's, on loopback, which notes each call that reaches it.</summary>
internal sealed class OrderServer : IAsyncDisposable
{
    private readonly WebApplication _server;

    private OrderServer(WebApplication server, ConcurrentQueue<string> journal) =>
        (_server, Journal) = (server, journal);

    /// <summary>The calls that reached it.</summary>
    public ConcurrentQueue<string> Journal { get; }

    /// <summary>Its address and port.</summary>
    public string Address => new Uri(_server.Urls.First()).Authority;

    /// <summary>Starts one.</summary>
    /// <param name="address">Address and port; port 0 for any.</param>
    public static async Task<OrderServer> StartAsync(string address = "127.0.0.1:0")
    {
        var journal = new ConcurrentQueue<string>();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(journal);
        builder.Services.AddMcpServer().WithHttpTransport().WithTools<OrderTools>();
        WebApplication server = builder.Build();
        server.MapMcp("/orders");
        server.Urls.Add($"http://{address}");
        await server.StartAsync(TestContext.Current.CancellationToken);
        return new OrderServer(server, journal);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}

/// <summary>Tools that note what reaches them.</summary>
[McpServerToolType]
internal sealed class OrderTools(ConcurrentQueue<string> journal)
{
    [McpServerTool(Name = "restore_order"), Description("Restores an order.")]
    public async Task<string> RestoreAsync(int order, CancellationToken cancellation)
    {
        journal.Enqueue($"restore_order {order}");
        if (order == 99)
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }

        return order == 13
            ? throw new InvalidOperationException("no luck")
            : $"order {order} is back; the key is sk-proj-Zq8vN3xK7mT2wR5yL9bH4jD6";
    }
}
