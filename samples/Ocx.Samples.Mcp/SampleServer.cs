using System.ComponentModel;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Server;

namespace Ocx.Samples.Mcp;

/// <summary>
/// An MCP server with two tools, over Streamable HTTP, until it is stopped. With sessions, clients of the revisions
/// before 2026-07-28 get one, and those of 2024-11-05 find its transport at <c>/sse</c>.
/// </summary>
internal static class SampleServer
{
    public static async Task<int> RunAsync(string url, bool sessions)
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
        await using WebApplication server = builder.Build();
        server.MapMcp();
        await server.RunAsync(url);
        return 0;
    }
}

/// <summary>Tools whose results a client can check.</summary>
[McpServerToolType]
internal sealed class SampleTools
{
    [McpServerTool(Name = "add"), Description("Adds two numbers.")]
    public static int Add(int a, int b) => a + b;

    [McpServerTool(Name = "echo"), Description("Returns the text as it came.")]
    public static string Echo(string text) => text;
}
