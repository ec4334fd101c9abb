using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Live;

/// <summary>
/// The servers and bridges that are most used, with the SDK's clients: the tap tells each call as both ends wrote it
/// down.
/// </summary>
public sealed class ServerTests : KernelTest
{
    private const int Port = 3001;

    /// <summary>A server, and the clients that use it at the same time.</summary>
    public static TheoryData<string, string> Rows() =>
        new()
        {
            { "server-everything streamableHttp", "http http" },
            { "server-everything sse", "sse sse" },
            { "fastmcp", "http sse" },
            { "fastmcp stateless", "http" },
            { "supergateway sse", "sse" },
            { "supergateway streamableHttp", "http" },
            { "supergateway streamableHttp --stateful", "http http" },
            { "mcp-proxy", "http sse stateless" },
            { "mcp-proxy --stateless", "http" },
            { "conformance-server", "http stateless stateless" },
        };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Each_call_is_told_as_both_ends_saw_it(string server, string clients)
    {
        using var run = new LiveRun(Port);
        run.Serve(Port, Command(server.Split(' ')));
        LiveProcess[] sessions =
        [
            .. clients
                .Split(' ')
                .Select(
                    (kind, i) =>
                        run.Launch(
                            "node",
                            "session.mjs",
                            $"http://localhost:{Port}/{(kind == "sse" ? "sse" : "mcp")}",
                            kind,
                            $"client-{i}"
                        )
                ),
        ];
        Array.ForEach(sessions, session => session.AwaitEnd());
        run.Stop();

        run.AssertToldAsByBoth();
        IReadOnlyList<LiveCall> told = run.Told(Port);
        Assert.Contains(told, call => call is { Method: "tools/call", Outcome: "ok" });
        Assert.Contains(told, call => call is { Name: "no-such-tool" });
    }

    private static string[] Command(string[] words)
    {
        string[] options = words[1..];
        string port = $"{Port}";
        return words[0] switch
        {
            "server-everything" => ["node", NodePrograms.Everything, .. options],
            "fastmcp" => ["node", "fastmcp-server.mjs", port, .. options],
            "conformance-server" => ["node", "conformance-server.mjs", port],
            "mcp-proxy" =>
            [
                "node",
                NodePrograms.Binary("mcp-proxy"),
                "--port",
                port,
                .. options,
                "--",
                "node",
                NodePrograms.Everything,
            ],
            _ =>
            [
                "node",
                NodePrograms.Binary("supergateway"),
                "--port",
                port,
                "--stdio",
                $"node {NodePrograms.Everything}",
                "--outputTransport",
                .. options,
            ],
        };
    }
}
