namespace Ocx.Mcp.Tests.Calls;

/// <summary>
/// Real clients and servers (captures/README.md says how they were recorded): each call found, paired and named, none
/// invented.
/// </summary>
public class GoldenTests
{
    private static readonly string[] s_typeScript =
    [
        "initialize ok",
        "tools/list ok",
        "tools/call echo ok",
        "tools/call fail tool_error",
        "tools/call missing tool_error",
        "tools/call slow ok",
        "resources/read docs://readme ok",
        "resources/read docs://missing rpc_error",
        "prompts/get greet ok",
        .. Enumerable.Repeat("tools/call echo ok", 5),
    ];

    private static readonly string[] s_cSharp =
    [
        "initialize ok",
        "tools/list ok",
        "tools/call echo ok",
        "tools/call fail tool_error",
        "tools/call slow ok",
        "tools/call missing rpc_error",
        .. Enumerable.Repeat("tools/call echo ok", 5),
    ];

    private static readonly string[] s_asked = ["elicitation/create ok", "tools/call ask ok"];

    public static TheoryData<string, string, string, string, string[]> Sessions =>
        new()
        {
            { "ts-streamable", "2025-11-25", "ts-client 0.9", "ts-server 1.2.3", [.. s_typeScript, .. s_asked] },
            { "ts-json", "2025-11-25", "ts-client 0.9", "ts-server 1.2.3", s_typeScript },
            { "ts-sse", "2025-11-25", "ts-client 0.9", "ts-server 1.2.3", [.. s_typeScript, .. s_asked] },
            {
                "cs-2.4-latest-stateless",
                "2026-07-28",
                "cs-client 0.1",
                "cs-server 3.2.1",
                ["server/discover ok", .. s_cSharp.Skip(1)]
            },
            { "cs-2.4-2025-11-25", "2025-11-25", "cs-client 0.1", "cs-server 3.2.1", s_cSharp },
            { "cs-2.4-2025-06-18", "2025-06-18", "cs-client 0.1", "cs-server 3.2.1", s_cSharp },
            { "cs-1.4-2025-03-26", "2025-03-26", "cs-client 0.1", "cs-server 3.2.1", s_cSharp },
        };

    [Theory]
    [MemberData(nameof(Sessions))]
    public void Every_call_of_a_real_session_is_found_paired_and_named(
        string capture,
        string version,
        string client,
        string server,
        string[] calls
    )
    {
        foreach (bool controlSegments in new[] { true, false })
        {
            Tracked tracked = new();
            long last = 0;
            foreach (byte[] packet in Captures.Packets(capture))
            {
                Captures.Read(
                    packet,
                    (in Mcp.Tcp.TcpSegment segment) =>
                    {
                        last = segment.TimestampUnixNs;
                        tracked.Tracker.Accept(segment);
                    },
                    controlSegments
                );
            }

            tracked.Now = last;
            tracked.Flush();
            Assert.Equal(calls.Order(), tracked.Summary.Order());
            Assert.All(
                tracked.Json,
                json =>
                {
                    Assert.Contains($"\"protocolVersion\":\"{version}\"", json, StringComparison.Ordinal);
                    Assert.Contains(Info(client), json, StringComparison.Ordinal);
                    Assert.Contains(Info(server), json, StringComparison.Ordinal);
                    Assert.Contains("\"completeness\":\"complete\"", json, StringComparison.Ordinal);
                    Assert.DoesNotContain("headerMismatch", json, StringComparison.Ordinal);
                }
            );
            Assert.Equal(
                (0, 0, 0),
                (tracked.Tracker.Stats.Gaps, tracked.Tracker.Stats.Orphans, tracked.Tracker.Stats.HttpLost)
            );
        }
    }

    private static string Info(string nameAndVersion) =>
        $"\"name\":\"{nameAndVersion.Split(' ')[0]}\",\"version\":\"{nameAndVersion.Split(' ')[1]}\"";
}
