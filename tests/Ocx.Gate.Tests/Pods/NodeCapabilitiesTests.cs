using Ocx.Gate.Pods;

namespace Ocx.Gate.Tests.Pods;

public class NodeCapabilitiesTests
{
    [Theory]
    [InlineData("CapEff:\t000001ffffffffff", "")]
    [InlineData("Name:\tocx-gate\nCapEff:\t0000000000283000\nCapBnd:\t0000000000000000", "")]
    [InlineData("CapEff:\t0000000000282000", "CAP_NET_ADMIN")]
    [InlineData("CapEff:\t0000000000281000", "CAP_NET_RAW")]
    [InlineData("CapEff:\t0000000000203000", "CAP_SYS_PTRACE")]
    [InlineData("CapEff:\t0000000000083000", "CAP_SYS_ADMIN")]
    [InlineData("CapEff:\t0000000000000000", "CAP_NET_ADMIN CAP_NET_RAW CAP_SYS_PTRACE CAP_SYS_ADMIN")]
    [InlineData("CapBnd:\t0000000000000000", "")]
    public void Those_that_are_missing_are_named(string status, string missing) =>
        Assert.Equal(missing, string.Join(' ', NodeCapabilities.Missing(status)));
}
