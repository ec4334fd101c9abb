using Ocx.NodeAgent.Telemetry;
using Xunit;

namespace Ocx.NodeAgent.Tests;

public class ExportCountsTests
{
    private readonly ExportCounts _counts = new();

    [Fact]
    public void What_waits_is_bounded_in_number()
    {
        Assert.Equal(ExportCounts.MaxWaiting, Fill(10));
        _counts.Ended(7, taken: true);
        Assert.Equal(7, Fill(10));
        Assert.Equal((7ul, 2ul), (_counts.Exported, _counts.Shed));
    }

    [Fact]
    public void What_waits_is_bounded_in_bytes()
    {
        const int Large = 20_011;
        int expected = (int)((ExportCounts.MaxWaitingBytes + Large - 1) / Large);
        Assert.Equal(expected, Fill(Large));
        _counts.Ended(expected, taken: false);
        Assert.Equal((ulong)expected + 1, _counts.Shed);
        Assert.Equal(ExportCounts.MaxWaiting, Fill(10));
    }

    // Until one is shed.
    private int Fill(int bytes)
    {
        int count = 0;
        for (; _counts.TryWait(); count++)
        {
            _counts.Take(bytes);
        }

        return count;
    }
}
