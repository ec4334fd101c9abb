using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Ocx.Kernel.Tests.Live;

namespace Ocx.Kernel.Tests.Gate;

/// <summary>
/// A call of each session: <c>echo</c> says its argument so often; of another tool the argument itself is repeated.
/// </summary>
internal readonly record struct ToolCall(string Tool, string Argument, int Repeat = 1);

/// <summary>
/// Clients of the C# SDK and of the TypeScript SDK (<c>npm/gated-client.mjs</c>), at the same time, each with the same
/// calls. A session is a revision and the path that it is spoken on; behind each argument stands its name, which is the
/// SDK's too.
/// </summary>
internal static class GatedClients
{
    /// <summary>Runs all sessions with both SDKs.</summary>
    /// <returns>What the clients were told.</returns>
    public static async Task<IReadOnlyList<CallOutcome>> RunAsync(
        GatedServer server,
        IReadOnlyList<string> sessions,
        params ToolCall[] calls
    )
    {
        Task<IReadOnlyList<CallOutcome>> typeScript = RunTypeScriptAsync(server, sessions, calls);
        return [.. await RunCSharpAsync(server, sessions, calls), .. await typeScript];
    }

    /// <summary>Runs all sessions with the C# SDK.</summary>
    /// <returns>What the clients were told.</returns>
    public static async Task<IReadOnlyList<CallOutcome>> RunCSharpAsync(
        GatedServer server,
        IReadOnlyList<string> sessions,
        params ToolCall[] calls
    )
    {
        CallOutcome[][] outcomes = await Task.WhenAll(
            sessions.Select(session => ConverseAsync(server, session, calls))
        );
        return [.. outcomes.SelectMany(each => each)];
    }

    /// <summary>Runs all sessions with the TypeScript SDK.</summary>
    /// <returns>What the clients were told.</returns>
    public static Task<IReadOnlyList<CallOutcome>> RunTypeScriptAsync(
        GatedServer server,
        IReadOnlyList<string> sessions,
        params ToolCall[] calls
    ) => Task.Run(() => RunTypeScript(server, sessions, calls));

    private static IReadOnlyList<CallOutcome> RunTypeScript(
        GatedServer server,
        IReadOnlyList<string> sessions,
        ToolCall[] calls
    )
    {
        using var folder = new NodeFolder();
        using var client = new LiveProcess(
            server.Client,
            folder.Path,
            folder.Variables,
            [
                "node",
                "gated-client.mjs",
                $"http://{server.Address}",
                JsonSerializer.Serialize(calls.Select(call => new object[] { call.Tool, call.Argument, call.Repeat })),
                .. sessions,
            ]
        );
        return [.. client.AwaitEnd().Split('\n').Where(line => line.StartsWith('{')).Select(CallOutcome.Parse)];
    }

    private static async Task<CallOutcome[]> ConverseAsync(GatedServer server, string spoken, ToolCall[] calls)
    {
        int path = spoken.IndexOf('/', StringComparison.Ordinal);
        await using McpClient client = await server.ConnectAsync(spoken[path..], spoken[..path]);
        string session = $"C# {spoken}";
        var outcomes = new List<CallOutcome>();
        foreach (ToolCall call in calls)
        {
            string name = $"{call.Tool} {call.Argument}";
            try
            {
                string text = await CallAsync(client, call, $"{call.Argument} of {session}");
                outcomes.Add(new(session, name, text, CallOutcome.DigestOf(text)));
            }
            catch (McpProtocolException error)
            {
                outcomes.Add(new(session, name, $"{(int)error.ErrorCode} {error.Message}", string.Empty));
            }
            catch (HttpRequestException error)
            {
                outcomes.Add(new(session, name, $"{(int?)error.StatusCode} {error.Message}", string.Empty));
            }
        }

        return [.. outcomes];
    }

    private static async Task<string> CallAsync(McpClient client, ToolCall call, string argument)
    {
        Dictionary<string, object?> arguments =
            call.Tool != "echo" ? new() { ["customer"] = string.Concat(Enumerable.Repeat(argument, call.Repeat)) }
            : call.Repeat == 1 ? new() { ["text"] = argument }
            : new() { ["text"] = argument, ["repeat"] = call.Repeat };
        CallToolResult result = await client.CallToolAsync(
            call.Tool,
            arguments,
            new Progress<ProgressNotificationValue>(),
            cancellationToken: TestContext.Current.CancellationToken
        );
        return ((TextContentBlock)result.Content.Single()).Text;
    }
}
