using System.Text;
using System.Text.Json.Nodes;

namespace Ocx.Cli.Tests;

/// <summary>Lines as an agent writes them, of docs/mcp.md's form.</summary>
internal static class AgentLines
{
    public static readonly DateTimeOffset Noon = new(2026, 1, 21, 12, 0, 0, TimeSpan.Zero);

    public static string Line(
        string tool = "echo",
        string status = "ok",
        double ms = 1.5,
        string method = "tools/call",
        DateTimeOffset? start = null,
        string clientNamespace = "",
        string clientPod = "",
        string clientWorkload = "",
        string serverPod = "",
        int errorCode = 0
    )
    {
        var client = new JsonObject { ["address"] = "10.0.0.1", ["port"] = 40000 };
        Set(client, ("namespace", clientNamespace), ("pod", clientPod), ("workload", clientWorkload));
        var server = new JsonObject { ["address"] = "10.0.0.2", ["port"] = 8080 };
        Set(server, ("namespace", serverPod.Length > 0 ? "tools" : ""), ("pod", serverPod));
        var line = new JsonObject
        {
            ["start"] = (start ?? Noon).ToString("yyyy-MM-ddTHH:mm:ss.fffffff00Z", null),
            ["durationNs"] = (long)(ms * 1e6),
            ["method"] = method,
            ["name"] = tool,
            ["status"] = status,
            ["completeness"] = "complete",
            ["client"] = client,
            ["server"] = server,
            ["requestBytes"] = 120,
            ["responseBytes"] = 300,
        };
        if (errorCode != 0)
        {
            line["errorCode"] = errorCode;
        }

        return line.ToJsonString();

        static void Set(JsonObject to, params (string Name, string Value)[] fields)
        {
            foreach ((string name, string value) in fields.Where(field => field.Value.Length > 0))
            {
                to[name] = value;
            }
        }
    }

    public static byte[] Log(params string[] lines) =>
        Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));
}
