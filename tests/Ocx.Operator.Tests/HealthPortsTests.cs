using Ocx.Operator.Resources;

namespace Ocx.Operator.Tests;

public sealed class HealthPortsTests
{
    private readonly Clock _clock = new();

    [Fact]
    public void Each_tap_has_a_port_of_its_own_and_keeps_it()
    {
        var ports = new HealthPorts(_clock);
        Assert.Equal(9910, ports.Of("a", []));
        Assert.Equal(9911, ports.Of("b", []));
        Assert.Equal(9910, ports.Of("a", [("b", 9911)]));
        Assert.Equal(9913, ports.Of("c", [("z", 9912)]));
    }

    [Fact]
    public void After_a_restart_a_tap_has_the_port_that_its_DaemonSet_has() =>
        Assert.Equal(9917, new HealthPorts(_clock).Of("a", [("b", 9910), ("a", 9917)]));

    [Fact]
    public void The_port_of_a_deleted_tap_rests_while_its_pods_may_still_hold_it()
    {
        var ports = new HealthPorts(_clock);
        Assert.Equal(9910, ports.Of("a", []));
        ports.Free("a");
        Assert.Equal(9911, ports.Of("b", []));
        _clock.Now += TimeSpan.FromMinutes(2);

        // Its DaemonSet is gone later than the tap.
        Assert.Equal(9912, ports.Of("c", [("a", 9910)]));
        Assert.Equal(9910, ports.Of("d", []));
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; } = TimeSpan.FromDays(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
