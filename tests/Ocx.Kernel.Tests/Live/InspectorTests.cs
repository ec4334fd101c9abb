using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Live;

/// <summary>The inspector's command line as the client: one process and one session for each command.</summary>
public sealed class InspectorTests : KernelTest
{
    private const int Port = 3001;

    [Theory]
    [InlineData("server-everything streamableHttp", "http", "legacy")]
    [InlineData("server-everything sse", "sse", "legacy")]
    [InlineData("conformance-server", "http", "modern")]
    public void Each_command_is_told(string server, string transport, string era)
    {
        bool isEverything = server != "conformance-server";
        using var run = new LiveRun(Port);
        run.Serve(Port, LiveServers.Command(server, Port));
        string[][] commands =
        [
            ["tools/list"],
            isEverything
                ? ["tools/call", "--tool-name", "echo", "--tool-arg", "message=hello"]
                : ["tools/call", "--tool-name", "test_tool_with_progress"],
            ["tools/call", "--tool-name", isEverything ? "echo" : "test_simple_text", .. Load],
            ["resources/list"],
            [
                "resources/read",
                "--uri",
                isEverything ? "demo://resource/static/document/features.md" : "test://static-text",
            ],
            ["resources/templates/list"],
            ["prompts/list"],
            isEverything
                ? ["prompts/get", "--prompt-name", "args-prompt", "--prompt-args", "city=Paris"]
                : ["prompts/get", "--prompt-name", "test_simple_prompt"],
        ];
        LiveProcess[] clients =
        [
            .. commands.Select(command =>
                run.Launch([
                    "node",
                    NodePrograms.Binary("inspector"),
                    "--cli",
                    "--server-url",
                    $"http://localhost:{Port}{LiveRun.PathOf(transport)}",
                    "--transport",
                    transport,
                    "--protocol-era",
                    era,
                    "--method",
                    .. command,
                ])
            ),
        ];
        Array.ForEach(clients, client => client.AwaitEnd());
        run.Stop();

        run.AssertToldAsByBoth();
        IReadOnlyList<LiveCall> told = run.Told(Port);
        Assert.All(commands, command => Assert.Contains(told, call => call.Method == command[0]));
        Assert.True(told.Count(call => call.Method == "tools/call") > 100);
    }

    private static string[] Load => ["--load", "--load-requests", "100", "--tool-arg", "message=hello"];
}
