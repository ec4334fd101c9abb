using Ocx.NodeAgent.Capture;
using Xunit;

namespace Ocx.NodeAgent.Tests;

public class InterfaceNamesTests
{
    private readonly Clock _clock = new();
    private Dictionary<int, string> _present = new() { [1] = "lo", [7] = "veth7" };

    [Fact]
    public void A_name_is_known_for_a_minute_after_its_interface_is_gone()
    {
        InterfaceNames names = new(() => _present, _clock);
        _present = new() { [1] = "lo" };
        names.Refresh();
        _clock.Now += InterfaceNames.Remembered - TimeSpan.FromSeconds(1);
        names.Refresh();
        Assert.Equal(("lo", "veth7"), (names[1], names[7]));

        _clock.Now += TimeSpan.FromSeconds(1);
        names.Refresh();
        Assert.Equal(("lo", "if7"), (names[1], names[7]));
    }

    [Fact]
    public void An_index_that_is_used_again_has_its_new_name()
    {
        InterfaceNames names = new(() => _present, _clock);
        _present = new() { [7] = "eth7" };
        names.Refresh();
        _present = [];
        names.Refresh();
        Assert.Equal("eth7", names[7]);
    }

    [Fact]
    public void Interfaces_that_come_and_go_without_end_are_forgotten()
    {
        InterfaceNames names = new(() => _present, _clock);
        for (int i = 10; i < 3000; i++)
        {
            _present = new() { [1] = "lo", [i] = $"veth{i}" };
            _clock.Now += TimeSpan.FromMilliseconds(1);
            names.Refresh();
        }

        Assert.InRange(names.Count, 2, InterfaceNames.MaxGone + 2);
        Assert.Equal(("lo", "veth2999", "veth2600", "if10"), (names[1], names[2999], names[2600], names[10]));
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; } = TimeSpan.FromDays(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
