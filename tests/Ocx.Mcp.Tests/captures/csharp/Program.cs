// One session of the official C# SDK on loopback. Arguments: port, protocol version (or "latest"), "stateless" or
// "stateful".
using System.ComponentModel;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

string url = $"http://127.0.0.1:{args[0]}";
var builder = WebApplication.CreateBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls(url);
builder
    .Services.AddMcpServer(options => options.ServerInfo = new() { Name = "cs-server", Version = "3.2.1" })
    .WithHttpTransport(options => options.Stateless = args[2] == "stateless")
    .WithTools<Tools>();
var app = builder.Build();
app.MapMcp("/mcp");
await app.StartAsync();
{
    var transport = new HttpClientTransport(
        new() { Endpoint = new Uri(url + "/mcp"), TransportMode = HttpTransportMode.StreamableHttp }
    );
    await using var client = await McpClient.CreateAsync(
        transport,
        new()
        {
            ClientInfo = new() { Name = "cs-client", Version = "0.1" },
            ProtocolVersion = args[1] == "latest" ? null : args[1],
        }
    );
    await client.ListToolsAsync();
    await client.CallToolAsync("echo", new Dictionary<string, object?> { ["text"] = "hello" });
    await client.CallToolAsync("fail");
    await client.CallToolAsync("slow", progress: new Progress<ProgressNotificationValue>());
    try
    {
        await client.CallToolAsync("missing");
    }
    catch (McpException) { }

    await Task.WhenAll(
        Enumerable
            .Range(0, 5)
            .Select(n => client.CallToolAsync("echo", new Dictionary<string, object?> { ["text"] = $"{n}" }).AsTask())
    );
}

await app.StopAsync(new CancellationTokenSource(TimeSpan.FromSeconds(2)).Token);

[McpServerToolType]
internal sealed class Tools
{
    [McpServerTool(Name = "echo"), Description("Says it again")]
    public static string Echo(string text) => text;

    [McpServerTool(Name = "fail")]
    public static CallToolResult Fail() => new() { IsError = true, Content = [new TextContentBlock { Text = "no" }] };

    [McpServerTool(Name = "slow")]
    public static string Slow(IProgress<ProgressNotificationValue> progress)
    {
        for (int i = 1; i <= 3; i++)
        {
            progress.Report(new() { Progress = i, Total = 3 });
        }

        return "done";
    }
}
