using Ocx.Cli.Check;

namespace Ocx.Cli.Tests.Check;

/// <summary>What <c>ocx check</c> says of a machine, told by what its kernel shows.</summary>
public sealed class MachineChecksTests : IDisposable
{
    private static readonly Version s_new = new(6, 12),
        s_middle = new(5, 10),
        s_old = new(5, 4);

    private readonly string _root = Directory.CreateTempSubdirectory("ocx-check-").FullName;

    public MachineChecksTests()
    {
        Write("sys/kernel/btf/vmlinux", "");
        Write("proc/self/status", "Name:\tocx\nCapEff:\t000001ffffffffff\n");
        Write("sys/class/net/lo/flags", "0x9\n");
        Write("sys/class/net/eth0/flags", "0x1003\n");
        Write("sys/class/net/eth1/flags", "0x1002\n");
    }

    [Fact]
    public void An_able_machine_is_told_so_line_by_line() =>
        Assert.All(
            new MachineChecks(_root, s_new).Run(["eth0"]),
            finding => Assert.Equal((Level.Ok, ""), (finding.Level, finding.Do))
        );

    [Fact]
    public void A_kernel_before_5_8_cannot_and_one_before_6_10_names_no_processes()
    {
        Assert.Contains(
            new MachineChecks(_root, s_old).Run([]),
            finding => finding is { Level: Level.Fail, Do: "use Linux 5.8 or later" }
        );
        Finding middle = Assert.Single(
            new MachineChecks(_root, s_middle).Run([]),
            finding => finding.Level != Level.Ok
        );
        Assert.Equal((Level.Warn, "Linux 5.10 cannot name sending processes"), (middle.Level, middle.What));
    }

    [Theory]
    [InlineData("0000000000000000", "CAP_BPF and CAP_NET_RAW not effective")]
    [InlineData("0000000000002000", "CAP_BPF not effective")]
    [InlineData("0000008000000000", "CAP_NET_RAW not effective")]
    [InlineData("0000000000202000", null)] // CAP_SYS_ADMIN stands for CAP_BPF.
    [InlineData("0000008000002000", null)]
    public void Capabilities_that_are_missing_are_named(string effective, string? said)
    {
        Write("proc/self/status", $"CapInh:\t0000000000000000\nCapEff:\t{effective}\nCapBnd:\t000001ffffffffff\n");

        Assert.Equal(
            said,
            new MachineChecks(_root, s_new).Run(["eth0"]).SingleOrDefault(finding => finding.Level == Level.Fail)?.What
        );
    }

    [Fact]
    public void A_kernel_without_type_information_is_told_what_it_must_be_built_with()
    {
        File.Delete(Path.Combine(_root, "sys/kernel/btf/vmlinux"));

        Assert.Contains(
            "CONFIG_DEBUG_INFO_BTF",
            Assert.Single(new MachineChecks(_root, s_new).Run([]), finding => finding.Level == Level.Fail).Do,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Interfaces_are_up_down_or_not_there()
    {
        Finding[] findings = [.. new MachineChecks(_root, s_new).Run(["eth0", "eth1", "eth2", "../net/eth0"])];

        Assert.Contains(findings, finding => finding is { Level: Level.Ok, What: "interface eth0 is up" });
        Assert.Contains(findings, finding => finding is { Level: Level.Warn, What: "interface eth1 is down" });
        Assert.Contains(findings, finding => finding is { Level: Level.Fail, What: "there is no interface eth2" });
        Assert.Contains(
            findings,
            finding => finding is { Level: Level.Fail, What: "there is no interface ../net/eth0" }
        );
    }

    [Fact]
    public async Task The_command_says_of_this_machine_what_the_kernel_says()
    {
        Ocx check = await Ocx.RunAsync("check", "--interface", "lo,no-such-link");

        Assert.Equal(1, check.ExitCode);
        Assert.Contains($"Linux {Environment.OSVersion.Version}", check.Lines[0], StringComparison.Ordinal);
        Assert.Contains("ok    interface lo is up", check.Lines);
        Assert.Contains(
            check.Lines,
            line => line.StartsWith("fail  there is no interface no-such-link -> ", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_kubeconfig_that_is_not_there_ends_with_2()
    {
        Ocx check = await Ocx.RunAsync("check", "--kubeconfig", "/no/such/file");

        Assert.Equal(2, check.ExitCode);
        Assert.Contains("/no/such/file", check.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_API_server_that_is_not_there_is_one_line_and_what_to_do()
    {
        string kubeconfig = Path.Combine(_root, "kubeconfig");
        await File.WriteAllTextAsync(
            kubeconfig,
            """
            {"apiVersion":"v1","kind":"Config","current-context":"c",
             "clusters":[{"name":"c","cluster":{"server":"https://127.0.0.1:1"}}],
             "users":[{"name":"u","user":{"token":"t"}}],"contexts":[{"name":"c","context":{"cluster":"c","user":"u"}}]}
            """,
            TestContext.Current.CancellationToken
        );

        Ocx check = await Ocx.RunAsync("check", "--kubeconfig", kubeconfig);

        Assert.Equal(1, check.ExitCode);
        Assert.Contains("cannot be reached", Assert.Single(check.Lines), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private void Write(string path, string text)
    {
        string full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
