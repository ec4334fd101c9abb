using System.Globalization;

namespace Ocx.TapBench.Overhead;

/// <summary>
/// Traffic from this network namespace to the servers that bench/run.sh started, over the link that is tapped and over
/// its twin that never is; the client runs on CPU 0, the servers on CPU 1.
/// </summary>
internal sealed class Traffic(string tapped, string free)
{
    public const int Request = 256,
        Response = 1024,
        Write = 64 * 1024;

    private const string Port = "8080",
        McpPort = "8081";

    /// <summary>Calls over either link in turn, as fast as they are answered.</summary>
    public Pair CompareCalls(int milliseconds) =>
        Pair.Parse(Client("compare", tapped, free, Port, Text(Request), Text(Response), Text(milliseconds)));

    /// <summary>Tool calls to a real MCP server over either link in turn, with .NET's HTTP client.</summary>
    public Pair CompareMcpCalls(int milliseconds) =>
        Pair.Parse(
            OnCpu0(
                Environment.ProcessPath!,
                "mcp",
                $"http://{tapped}:{McpPort}/",
                $"http://{free}:{McpPort}/",
                Text(milliseconds)
            )
        );

    /// <summary>Calls over the tapped link at a fixed rate.</summary>
    /// <returns>How many were made.</returns>
    public double CallAtRate(int milliseconds, int perSecond) =>
        Number(Client("call", tapped, Port, Text(Request), Text(Response), Text(milliseconds), Text(perSecond)));

    /// <summary>Sends as much as the connection over the tapped link takes.</summary>
    /// <returns>Bytes per second that arrived.</returns>
    public double BulkBytesPerSecond(int milliseconds) =>
        Number(Client("bulk", tapped, Port, Text(Write), Text(milliseconds)));

    private static string Client(params string[] arguments) => OnCpu0([Tool.Traffic, .. arguments]);

    private static string OnCpu0(params string[] command) => Tool.Run("taskset", ["-c", "0", .. command]);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
