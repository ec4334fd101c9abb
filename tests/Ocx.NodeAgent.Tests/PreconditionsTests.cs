using Ocx.NodeAgent.Capture;
using Ocx.NodeProgram;
using Xunit;

namespace Ocx.NodeAgent.Tests;

public class PreconditionsTests
{
    [Theory]
    [InlineData("5.8.0")]
    [InlineData("5.10.218")]
    [InlineData("6.18.44")]
    [InlineData("10.1")]
    public void Linux_5_8_and_later_will_do(string release) => Preconditions.CheckKernel(Version.Parse(release));

    [Theory]
    [InlineData("5.7.19")]
    [InlineData("4.19.0")]
    public void An_older_kernel_is_named_with_what_is_needed(string release)
    {
        var exception = Assert.Throws<StartupException>(() => Preconditions.CheckKernel(Version.Parse(release)));
        Assert.Contains(release, exception.Message, StringComparison.Ordinal);
        Assert.Contains("5.8", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0000000000000000", "CAP_BPF and CAP_NET_RAW")]
    [InlineData("0000008000000000", "CAP_NET_RAW")]
    [InlineData("0000000000002000", "CAP_BPF")]
    public void A_missing_capability_is_named(string effective, string missing)
    {
        var exception = Assert.Throws<StartupException>(() =>
            Preconditions.CheckCapabilities($"Name:\tx\nCapEff:\t{effective}\n")
        );
        Assert.Contains($"missing {missing}:", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0000008000002000")]
    [InlineData("0000000000202000")]
    public void CAP_NET_RAW_with_CAP_BPF_or_CAP_SYS_ADMIN_will_do(string effective) =>
        Preconditions.CheckCapabilities($"CapEff:\t{effective}\n");

    [Fact]
    public void A_kernel_without_type_information_is_told_so()
    {
        var exception = Assert.Throws<StartupException>(() => Preconditions.CheckTypeInformation("/nowhere/vmlinux"));
        Assert.Contains("CONFIG_DEBUG_INFO_BTF", exception.Message, StringComparison.Ordinal);
    }
}
