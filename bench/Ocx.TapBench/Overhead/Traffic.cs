using System.Globalization;

namespace Ocx.TapBench.Overhead;

/// <summary>Traffic from this network namespace to the server that bench/run.sh started; the client runs on CPU 0, the server on CPU 1.</summary>
internal sealed class Traffic(string address)
{
    public const int Request = 256, Response = 1024, Write = 64 * 1024;

    private const string Port = "8080", McpPort = "8081";

    /// <summary>Calls one after the other, as fast as they are answered.</summary>
    /// <returns>The median time of a call in nanoseconds.</returns>
    public double MedianCallNs(int milliseconds) => Call(milliseconds)[2];

    /// <summary>Tool calls to a real MCP server, one after the other, with .NET's HTTP client.</summary>
    /// <returns>The median time of a call in nanoseconds.</returns>
    public double MedianMcpCallNs(int milliseconds) => double.Parse(
        Tool.Run("taskset", "-c", "0", Environment.ProcessPath!, "mcp", $"http://{address}:{McpPort}/", Text(milliseconds)),
        CultureInfo.InvariantCulture);

    /// <summary>Calls at a fixed rate.</summary>
    /// <returns>How many were made.</returns>
    public double CallAtRate(int milliseconds, int perSecond) => Call(milliseconds, Text(perSecond))[0];

    /// <summary>Sends as much as the connection takes.</summary>
    /// <returns>Bytes per second that arrived.</returns>
    public double BulkBytesPerSecond(int milliseconds) => double.Parse(
        Client("bulk", address, Port, Text(Write), Text(milliseconds)), CultureInfo.InvariantCulture);

    private double[] Call(int milliseconds, params string[] rate)
    {
        string line = Client(["call", address, Port, Text(Request), Text(Response), Text(milliseconds), .. rate]);
        return [.. line.Split(' ').Select(field => double.Parse(field, CultureInfo.InvariantCulture))];
    }

    private static string Client(params string[] arguments) => Tool.Run("taskset", ["-c", "0", Tool.Traffic, .. arguments]);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
