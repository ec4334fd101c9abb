using System.Text.Json;
using Ocx.Mcp.Tests.Calls;

namespace Ocx.Mcp.Tests.Siblings;

/// <summary>What the tap tells of a capture, in few words.</summary>
internal static class Telling
{
    /// <summary>The calls are these, and nothing is counted as a fault.</summary>
    public static void Is(string capture, IEnumerable<string> expected, Tracked tracked)
    {
        McpStats stats = tracked.Tracker.Stats;
        string faults = string.Join(
            ", ",
            new (string Name, long Count)[]
            {
                ("no JSON", stats.MalformedJson),
                ("HTTP lost", stats.HttpLost),
                ("undecodable", stats.Undecodable),
                ("orphans", stats.Orphans),
                ("unknown", stats.UnknownStreams),
                ("gaps", stats.Gaps),
                ("shed", stats.Shed),
            }
                .Where(fault => fault.Count > 0)
                .Select(fault => $"{fault.Count} {fault.Name}")
        );
        Assert.Equal(
            $"{capture}: {string.Join("; ", expected)}",
            $"{capture}: {Of(tracked)}{(faults == "" ? "" : $" ({faults})")}"
        );
    }

    /// <summary>The calls in the order in which they were told.</summary>
    public static string Of(Tracked tracked) => string.Join("; ", tracked.Json.Select(Of));

    private static string Of(string json)
    {
        JsonElement call = JsonDocument.Parse(json).RootElement;
        string Text(string name) => call.TryGetProperty(name, out JsonElement value) ? value.ToString() : string.Empty;
        string status = Text("status"),
            detail = status is "rpc_error" ? $"({Text("errorCode")})"
            : status is "http_error" ? $"({Text("httpStatus")})"
            : "",
            completeness = Text("completeness") is var missing and not "complete" ? " " + missing : "",
            progress = Text("progress") is { Length: > 0 } count ? $" {count} progress" : "";
        string named = Text("name") is { Length: > 0 } name ? name : Text("method");
        return $"{named} {status}{detail}{completeness}{progress}";
    }
}
