using System.Diagnostics;
using System.Net;

namespace Ocx.Kernel.Tests.Harness;

/// <summary>
/// The sample MCP server, the SDK's, as a process in a namespace; it listens when this is constructed. Disposing it
/// kills it.
/// </summary>
internal sealed class McpServerProcess : IDisposable
{
    private readonly Process _process;

    /// <summary>The sample, which is server and client.</summary>
    public static string Program { get; } =
        Path.GetFullPath("../../Ocx.Samples.Mcp/debug/Ocx.Samples.Mcp", AppContext.BaseDirectory);

    public McpServerProcess(NetworkNamespace @namespace, IPEndPoint endpoint, params IEnumerable<string> options)
    {
        var start = new ProcessStartInfo(
            "ip",
            ["netns", "exec", @namespace.Name, Program, "server", $"http://{endpoint}", .. options]
        );
        // It warns of every call of a tool that it does not have.
        start.Environment["Logging__LogLevel__Default"] = "Critical";
        _process = Process.Start(start)!;
        Assert.True(
            SpinWait.SpinUntil(
                () => _process.HasExited || @namespace.Exec("ss", "-Hltn", $"sport = :{endpoint.Port}").Length > 0,
                TimeSpan.FromSeconds(60)
            ) && !_process.HasExited,
            "the MCP server did not start to listen"
        );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
