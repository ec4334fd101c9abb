namespace Ocx.Kernel.Tests.Live;

/// <summary>How the servers are started.</summary>
internal static class LiveServers
{
    /// <summary>The command for a server on a port.</summary>
    /// <param name="server">Its name and options, with blanks between.</param>
    /// <param name="port">The port; server-everything takes that of $PORT.</param>
    public static IReadOnlyList<string> Command(string server, int port)
    {
        string[] words = server.Split(' ');
        string[] options = words[1..];
        string everything = NodePrograms.Everything;
        return words[0] switch
        {
            "server-everything" => ["node", everything, .. options],
            "fastmcp" => ["node", "fastmcp-server.mjs", $"{port}", .. options],
            "conformance-server" => ["node", "conformance-server.mjs", $"{port}"],
            "mcp-proxy" =>
            [
                "node",
                NodePrograms.Binary("mcp-proxy"),
                "--port",
                $"{port}",
                .. options,
                "--",
                "node",
                everything,
            ],
            "supergateway" =>
            [
                "node",
                NodePrograms.Binary("supergateway"),
                "--port",
                $"{port}",
                "--stdio",
                $"node {everything}",
                "--outputTransport",
                .. options,
            ],
            _ => throw new ArgumentOutOfRangeException(nameof(server), server, "no such server"),
        };
    }
}
