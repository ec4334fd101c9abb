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

    [Theory]
    [InlineData("server-everything streamableHttp", "--streamableHttp", "http")]
    [InlineData("server-everything sse", "--sse", "sse")]
    public void What_supergateway_asks_for_it_is_told(string server, string from, string transport)
    {
        using var run = new LiveRun(Port);
        run.Serve(Port, LiveServers.Command(server, Port));
        string url = $"http://localhost:{Port}{LiveRun.PathOf(transport)}";
        // The inspector hands few of its variables on to what it starts.
        run.Run(
            "sh",
            "-c",
            $"node {NodePrograms.Binary("inspector")} --cli "
                + "-e \"NODE_OPTIONS=$NODE_OPTIONS\" -e \"OCX_JOURNAL=$OCX_JOURNAL\" "
                + "--method tools/call --tool-name echo --tool-arg message=hello "
                + $"-- node {NodePrograms.Binary("supergateway")} {from} {url} --logLevel none"
        );
        run.Stop();

        run.AssertToldAsByBoth();
        Assert.Contains(run.Told(Port), call => call is { Name: "echo", Outcome: "ok" });
    }

    private static string[] Load => ["--load", "--load-requests", "100", "--tool-arg", "message=hello"];
}
