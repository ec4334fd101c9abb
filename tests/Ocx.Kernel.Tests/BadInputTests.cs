using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests;

/// <summary>What the agent cannot work with ends it with code 2 and one line that says what to do.</summary>
public sealed class BadInputTests : KernelTest, IDisposable
{
    private readonly NetworkNamespace _namespace = new();

    public BadInputTests() => NetworkNamespace.Connect(_namespace, "eth7", _namespace, "eth8");

    public void Dispose() => _namespace.Dispose();

    [Theory]
    [InlineData("--interface nosuch0", "there is no interface 'nosuch0'; there are: lo, eth8, eth7")]
    [InlineData("--interface averyveryverylongname", "at most 15 bytes")]
    [InlineData("--interface any,lo", "'any' stands for all interfaces")]
    [InlineData("--port 0", "'0' is no TCP port: want 1 to 65535")]
    [InlineData("--port 80,http", "'http' is no TCP port")]
    [InlineData("--port 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", "at most 16")]
    [InlineData("--ring-size 3Mi", "not a power of two; the next ones are 2Mi and 4Mi")]
    [InlineData("--ring-size 2Ki", "not a multiple of the page size")]
    [InlineData("--ring-size lots", "want a size from 4Ki to 1Gi")]
    [InlineData("--snap-length 65537", "want a number of bytes from 1 to 65536")]
    [InlineData("--events xml", "xml")]
    [InlineData("--duration soon", "soon")]
    [InlineData("--no-such-flag", "--no-such-flag")]
    public void A_bad_option_is_named(string arguments, string message) =>
        AssertRefused(AgentProcess.Launch(_namespace, arguments.Split(' ')), message);

    [Theory]
    [InlineData("OCX_PORT=70000", "OCX_PORT=70000: '70000' is no TCP port")]
    [InlineData("OCX_RING_SIZE=5", "OCX_RING_SIZE=5")]
    public void A_bad_environment_variable_is_named(string variable, string message) =>
        AssertRefused(AgentProcess.LaunchBy(_namespace, ["env", variable]), message);

    [Theory]
    [InlineData("cap_bpf,cap_sys_admin", "missing CAP_BPF:")]
    [InlineData("cap_net_raw", "missing CAP_NET_RAW:")]
    [InlineData("cap_bpf,cap_sys_admin,cap_net_raw", "missing CAP_BPF and CAP_NET_RAW:")]
    public void A_missing_capability_is_named(string dropped, string message) =>
        AssertRefused(
            AgentProcess.LaunchBy(
                _namespace,
                ["capsh", $"--drop={dropped}", "--shell=/usr/bin/env", "--"],
                "--interface",
                "lo"
            ),
            message
        );

    [Theory]
    [InlineData("lo", "none", "false")]
    [InlineData("any", "json", "false")]
    [InlineData("any", "calls", "true")]
    public void CAP_BPF_and_CAP_NET_RAW_are_all_it_needs(string interfaces, string events, string decapsulate)
    {
        string all = string.Join(',', Enumerable.Range(0, 41).Except([13, 39]));
        using AgentProcess agent = AgentProcess.LaunchBy(
            _namespace,
            ["capsh", $"--drop={all}", "--shell=/usr/bin/env", "--"],
            "--interface",
            interfaces,
            "--events",
            events,
            "--decapsulate",
            decapsulate,
            "--duration",
            "100ms"
        );
        Assert.True(agent.AwaitExit(TimeSpan.FromSeconds(5)) == 0, string.Join('\n', agent.Log));
    }

    [Fact]
    public void A_kernel_too_old_is_named() =>
        AssertRefused(
            AgentProcess.LaunchBy(_namespace, ["setarch", "--uname-2.6"], "--interface", "lo"),
            "but the BPF ring buffer needs Linux 5.8 or later"
        );

    [Fact]
    public void A_kernel_without_type_information_is_named() =>
        AssertRefused(
            AgentProcess.LaunchBy(
                _namespace,
                ["unshare", "--mount", "sh", "-c", "mount -t tmpfs none /sys/kernel/btf && exec \"$@\"", "sh"],
                "--interface",
                "lo"
            ),
            "use a kernel built with CONFIG_DEBUG_INFO_BTF=y"
        );

    private static void AssertRefused(AgentProcess agent, string message)
    {
        using (agent)
        {
            int code = agent.AwaitExit(TimeSpan.FromSeconds(5));
            string line = Assert.Single(agent.Log);
            Assert.StartsWith("ocx-node-agent: ", line, StringComparison.Ordinal);
            Assert.Contains(message, line, StringComparison.Ordinal);
            Assert.Equal(2, code);
            Assert.Empty(agent.Events);
        }
    }
}
