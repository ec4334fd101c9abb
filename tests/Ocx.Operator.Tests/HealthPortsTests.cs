using Ocx.Operator.Resources;

namespace Ocx.Operator.Tests;

public sealed class HealthPortsTests
{
    private readonly Clock _clock = new();

    [Fact]
    public void Each_tap_has_a_port_of_its_own_and_keeps_it()
    {
        var ports = new HealthPorts(_clock);
        var a = ports.Of("a", "1", []);

        // The same UID stands for one with the same place in the range.
        Assert.Equal(a + 1, ports.Of("b", "1", []));
        Assert.Equal(a, ports.Of("a", "1", [("b", a + 1)]));
        Assert.Equal(a + 3, ports.Of("c", "1", [("z", a + 2)]));
    }

    [Fact]
    public void A_tap_that_is_made_again_has_another_port_even_from_an_operator_that_knows_nothing_of_the_first() =>
        Assert.NotEqual(
            new HealthPorts(_clock).Of("a", "fb90d9be-5b7c-4f55-8ab8-6a5e8bd3dc6a", []),
            new HealthPorts(_clock).Of("a", "c9f80a3a-4ccb-4f4c-9e7c-8a4b3c1f0f7d", [])
        );

    [Theory]
    [InlineData("")]
    [InlineData("fb90d9be-5b7c-4f55-8ab8-6a5e8bd3dc6a")]
    [InlineData("~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~")]
    public void The_port_is_one_of_a_thousand_from_9910(string uid) =>
        Assert.InRange(
            new HealthPorts(_clock).Of("a", uid, Enumerable.Range(9910, 999).Select(port => ($"{port}", port))),
            9910,
            10909
        );

    [Fact]
    public void No_tap_has_a_port_that_Kubernetes_itself_listens_on()
    {
        var ports = new HealthPorts(_clock);
        int[] all = [.. Enumerable.Range(0, 988).Select(tap => ports.Of($"tap-{tap}", $"{tap}", []))];
        Assert.Equal(988, all.Distinct().Count());
        Assert.DoesNotContain(all, port => port is >= 10248 and <= 10259);

        // One that an earlier version gave away is given up.
        Assert.NotEqual(10250, new HealthPorts(_clock).Of("a", "1", [("a", 10250)]));
    }

    [Fact]
    public void After_a_restart_a_tap_has_the_port_that_its_DaemonSet_has() =>
        Assert.Equal(9917, new HealthPorts(_clock).Of("a", "1", [("b", 9910), ("a", 9917)]));

    [Fact]
    public void The_port_of_a_deleted_tap_rests_while_its_pods_may_still_hold_it()
    {
        var ports = new HealthPorts(_clock);
        var a = ports.Of("a", "1", []);
        ports.Free("a");
        Assert.Equal(a + 1, ports.Of("b", "1", []));
        _clock.Now += TimeSpan.FromMinutes(2);

        // Its DaemonSet is gone later than the tap.
        Assert.Equal(a + 2, ports.Of("c", "1", [("a", a)]));
        Assert.Equal(a, ports.Of("d", "1", []));
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; } = TimeSpan.FromDays(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }

    [Fact]
    public void The_documents_name_the_ports_that_a_firewall_has_to_know()
    {
        string page = File.ReadAllText(Path.Combine(Checkout.Root, "docs", "security.md"));
        Assert.Contains(
            $"({HealthPorts.First} to {HealthPorts.Last} without {HealthPorts.FirstOfKubernetes} to "
                + $"{HealthPorts.LastOfKubernetes}, one a tap)",
            page,
            StringComparison.Ordinal
        );
        Assert.Contains($"{HealthPorts.First}–{HealthPorts.Last}/tcp", page, StringComparison.Ordinal);
    }
}
