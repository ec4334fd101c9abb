using System.Text.Json;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests;

/// <summary>
/// What was once read wrongly, sent over a link once more: the shipped agent reads it right, live and not only in a
/// replay.
/// </summary>
public sealed class FieldTests : KernelTest
{
    // As in the capture, but for pauses that wait for nothing.
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(20);

    public static TheoryData<string, string> Captures() =>
    [
        .. File.ReadLines(InFolder("expected.txt")).Where(line => line[0] != '#')
            .Select(line => line.Split(": ", 2)).Select(parts => (parts[0], parts[1])),
    ];

    [Theory]
    [MemberData(nameof(Captures))]
    public async Task A_capture_from_the_field_is_read_right_from_the_kernel(string file, string expected)
    {
        using var pair = new VethPair("10.99.0.1/24", "10.99.0.2/24");
        foreach ((NetworkNamespace end, string link) in new[] { (pair.Client, "client0"), (pair.Server, "server0") })
        {
            end.Ip($"link set {link} mtu 65535");
        }
        using AgentProcess agent = AgentProcess.Start(pair.Server, "--interface", "server0", "--events", "calls");
        using (var link = new RawLink(pair.Client, "client0"))
        {
            TimeSpan before = TimeSpan.Zero;
            foreach ((TimeSpan at, byte[] frame) in PcapFile.Read(InFolder(file)))
            {
                TimeSpan pause = at - before < s_longestPause ? at - before : s_longestPause;
                await Task.Delay(pause > TimeSpan.Zero ? pause : TimeSpan.Zero, TestContext.Current.CancellationToken);
                before = at;
                link.Send(frame);
            }
        }
        agent.Stop();
        IEnumerable<JsonElement> calls = agent.Events
            .OrderBy(call => call.GetProperty("start").GetString(), StringComparer.Ordinal);
        Assert.Equal(expected, string.Join("; ", calls.Select(Outcome)));
    }

    private static string InFolder(string file) => Repository.PathOf("tests", "captures", "field", file);

    private static string Outcome(JsonElement call)
    {
        string name = call.TryGetProperty("name", out JsonElement named) ? named.GetString() + " " : string.Empty;
        string status = call.GetProperty("status").GetString()!;
        string code = status switch
        {
            "rpc_error" => $"({call.GetProperty("errorCode").GetRawText()})",
            "http_error" => $"({call.GetProperty("httpStatus").GetRawText()})",
            _ => string.Empty,
        };
        string completeness = call.GetProperty("completeness").GetString()!;
        string lacking = completeness == "complete" ? string.Empty : " " + completeness;
        return $"{call.GetProperty("method").GetString()} {name}{status}{code}{lacking}";
    }
}
