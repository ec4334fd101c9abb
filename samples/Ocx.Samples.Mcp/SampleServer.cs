using System.ComponentModel;
using ModelContextProtocol.Server;

namespace Ocx.Samples.Mcp;

/// <summary>An MCP server with two tools, over Streamable HTTP, until it is stopped.</summary>
internal static class SampleServer
{
    public static async Task<int> RunAsync(string url)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddMcpServer().WithHttpTransport().WithTools<SampleTools>();
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
