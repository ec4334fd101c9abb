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
        run.Serve(Port, LiveServers.Command(server, Port));
        run.RunSessions($"http://localhost:{Port}", clients.Split(' '));
        run.Stop();

        run.AssertToldAsByBoth();
        IReadOnlyList<LiveCall> told = run.Told(Port);
        Assert.Contains(told, call => call is { Method: "tools/call", Outcome: "ok" });
        Assert.Contains(told, call => call is { Name: "no-such-tool" });
        // mcp-proxy does not hand all progress on.
        Assert.True(server.StartsWith("mcp-proxy", StringComparison.Ordinal) || told.Any(call => call.Progress > 1));
    }
}
