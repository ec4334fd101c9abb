using System.ComponentModel;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Server;

namespace Ocx.Samples.Mcp;

/// <summary>
/// An MCP server with a few tools, over Streamable HTTP, until it is stopped. With sessions, clients of the revisions
/// before 2026-07-28 get one, and those of 2024-11-05 find its transport at <c>/sse</c>. With a journal, it appends
/// each call that it gets to that file.
/// </summary>
internal static class SampleServer
{
    public static async Task<int> RunAsync(string url, bool sessions, string? journal = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder
            .Services.AddMcpServer()
            .WithHttpTransport(transport =>
            {
                transport.SessionMode = sessions
                    ? HttpServerSessionMode.StatefulForInitializeClients
                    : HttpServerSessionMode.Stateless;
#pragma warning disable MCP9004 // Clients of that revision are what it is for.
                transport.EnableLegacySse = sessions;
#pragma warning restore MCP9004
            })
            .WithTools<SampleTools>();
        builder.Services.AddSingleton(new Journal(journal)).AddSingleton<Orders>().AddSingleton<Carts>();
        await using WebApplication server = builder.Build();
        await server.Services.GetRequiredService<Orders>().ConnectAsync(CancellationToken.None);
        await server.Services.GetRequiredService<Carts>().ConnectAsync();
        server.MapMcp();
        await server.RunAsync(url);
        return 0;
    }
}

/// <summary>The calls that reached the server.</summary>
internal sealed class Journal(string? file)
{
    private readonly Lock _lock = new();

    public void Note(string call)
    {
        lock (_lock)
        {
            if (file is not null)
            {
                File.AppendAllText(file, call + "\n");
            }
        }
    }
}

/// <summary>Tools whose results a client can check.</summary>
[McpServerToolType]
internal sealed class SampleTools(Journal journal, Orders orders, Carts carts)
{
    [McpServerTool(Name = "add"), Description("Adds two numbers.")]
    public int Add(int a, int b)
    {
        journal.Note($"add {a} {b}");
        return a + b;
    }

    [McpServerTool(Name = "echo"), Description("Returns the text as it came.")]
    public string Echo(string text)
    {
        journal.Note($"echo {text[..Math.Min(text.Length, 100)]}");
        return text;
    }

    [McpServerTool(Name = "delete_orders"), Description("Deletes a customer's orders and cart, or with * all.")]
    public async Task<string> DeleteOrders(string customer, CancellationToken cancellation)
    {
        journal.Note($"delete_orders {customer[..Math.Min(customer.Length, 100)]}");
        await orders.DeleteAsync(customer, cancellation);
        await carts.DeleteAsync(customer);
        return $"no orders of {customer} are left";
    }

    [McpServerTool(Name = "cancel_order"), Description("Cancels an order.")]
    public async Task<string> CancelOrder(int order, CancellationToken cancellation)
    {
        journal.Note($"cancel_order {order}");
        await orders.SetStatusAsync(order, "cancelled", cancellation);
        return $"order {order} is cancelled";
    }

    [McpServerTool(Name = "restore_order"), Description("Takes the cancelling of an order back.")]
    public async Task<string> RestoreOrder(int order, CancellationToken cancellation)
    {
        journal.Note($"restore_order {order}");
        await orders.SetStatusAsync(order, "open", cancellation);
        return $"order {order} is restored";
    }
}
