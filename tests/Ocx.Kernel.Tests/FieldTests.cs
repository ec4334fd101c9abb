using Ocx.Kernel.Tests.Harness;
using Ocx.Tests.Captures;

namespace Ocx.Kernel.Tests;

/// <summary>
/// What was once read wrongly, sent over a link once more: the shipped agent reads it right, live and not only in a
/// replay.
/// </summary>
public sealed class FieldTests : KernelTest
{
    // As in the capture, but for pauses that wait for nothing.
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(20);

    [Theory]
    [MemberData(nameof(FieldCaptures.Expected), MemberType = typeof(FieldCaptures))]
    public async Task A_capture_from_the_field_is_read_right_from_the_kernel(string file, string expected)
    {
        using var pair = new VethPair("10.99.0.1/24", "10.99.0.2/24");
        foreach ((NetworkNamespace end, string link) in new[] { (pair.Client, "client0"), (pair.Server, "server0") })
        {
            end.Ip($"link set {link} mtu 65535");
        }
        using AgentProcess agent = AgentProcess.Start(
            pair.Server,
            "--interface",
            "server0",
            "--port",
            "8080,3128",
            "--events",
            "calls",
            "--decapsulate"
        );
        using (var link = new RawLink(pair.Client, "client0"))
        {
            TimeSpan before = TimeSpan.Zero;
            foreach ((TimeSpan at, byte[] frame) in PcapFile.Read(FieldCaptures.PathOf(file)))
            {
                TimeSpan pause = at - before < s_longestPause ? at - before : s_longestPause;
                await Task.Delay(pause > TimeSpan.Zero ? pause : TimeSpan.Zero, TestContext.Current.CancellationToken);
                before = at;
                link.Send(frame);
            }
        }
        agent.Stop();
        Assert.Equal(expected, FieldCaptures.Outcomes(agent.Events));
    }
}
