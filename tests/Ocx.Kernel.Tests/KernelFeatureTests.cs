using Ocx.Bpf;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests;

/// <summary>Only the verifier's own word for a helper that it does not know means that the kernel is too old.</summary>
public sealed class KernelFeatureTests : KernelTest
{
    private const uint KtimeGetNs = 5,
        RedirectMap = 51,
        NoSuchHelper = 100_000;
    private const int TooBig = 7; // E2BIG

    [Fact]
    public void A_helper_that_socket_filters_have_had_since_Linux_4_1_is_known() =>
        Assert.True(KernelFeature.CanCall(KtimeGetNs));

    [Theory]
    [InlineData(RedirectMap)] // for XDP alone
    [InlineData(NoSuchHelper)]
    public void A_helper_that_is_unknown_or_not_for_socket_filters_is_told_as_such(uint helper) =>
        Assert.False(KernelFeature.CanCall(helper));

    [Fact]
    public void Another_error_names_itself()
    {
        BpfException refused = Assert.Throws<BpfException>(() => KernelFeature.Accepts([]));
        Assert.Equal(TooBig, refused.Errno);
        Assert.Contains(
            "could not ask the kernel what a socket filter may call: Argument list too long",
            refused.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_missing_right_is_not_told_as_an_old_kernel()
    {
        using var host = new NetworkNamespace();
        using AgentProcess agent = AgentProcess.LaunchBy(
            host,
            ["capsh", "--drop=cap_bpf,cap_sys_admin", "--shell=/usr/bin/env", "--"],
            "--interface",
            "lo",
            "--events",
            "calls"
        );
        Assert.Equal(2, agent.AwaitExit(TimeSpan.FromSeconds(5)));
        Assert.DoesNotContain(agent.Log, line => line.Contains("older than", StringComparison.Ordinal));
        Assert.Contains(agent.Log, line => line.Contains("missing CAP_BPF", StringComparison.Ordinal));
    }
}
