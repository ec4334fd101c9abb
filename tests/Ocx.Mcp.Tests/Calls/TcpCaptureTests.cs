using System.Text.Json;
using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Tests.Calls;

/// <summary>Small captures of what real machines do to TCP, with the calls that they hold.</summary>
public class TcpCaptureTests
{
    [Theory]
    [InlineData("field/tcp_tuple_reuse_lower_isn", "ok", "complete", true)]
    [InlineData("field/tcp_tuple_reuse_lower_isn", "ok", "complete", false)]
    [InlineData("field/tcp_one_direction", "unpaired", "gap", true)]
    [InlineData("field/tcp_one_direction", "unpaired", "gap", false)]
    public void Three_calls_are_told_as_they_were(
        string capture,
        string status,
        string completeness,
        bool acknowledgments
    )
    {
        Tracked tracked = new();
        foreach (byte[] packet in Captures.Packets(capture))
        {
            Captures.Read(
                packet,
                (in TcpSegment segment) =>
                {
                    // A live tap sees no segment that only acknowledges.
                    if (acknowledgments || segment.Length > 0 || (segment.Flags & ~TcpFlags.Ack) != 0)
                    {
                        tracked.Tracker.Accept(segment);
                        tracked.Now = segment.TimestampUnixNs;
                    }
                }
            );
        }

        tracked.Flush();
        Assert.Equal(
            Enumerable.Repeat((status, completeness), 3),
            tracked.Json.Select(json =>
            {
                JsonElement call = JsonDocument.Parse(json).RootElement;
                return (call.GetProperty("status").GetString()!, call.GetProperty("completeness").GetString()!);
            })
        );
        Assert.Equal(0, status == "ok" ? tracked.Tracker.Stats.Gaps : 0);
    }
}
