using System.Text.Json;
using Ocx.Sandbox.Bundles;
using Ocx.Sandbox.Failures;
using Ocx.Sandbox.Limits;

namespace Ocx.Sandbox.Tests;

/// <summary>What a sandbox is started from.</summary>
public sealed class BundleTests
{
    private static readonly SandboxSpec s_spec = new()
    {
        Command = ["node", "server.js"],
        Environment = new Dictionary<string, string> { ["PATH"] = "/opt/bin", ["DATABASE"] = "postgres://127.0.0.1" },
    };

    [Fact]
    public void The_process_has_no_rights()
    {
        JsonElement process = Config(s_spec).GetProperty("process");
        Assert.True(process.GetProperty("noNewPrivileges").GetBoolean());
        Assert.Empty(process.GetProperty("capabilities").EnumerateObject());
        Assert.Equal(65534, process.GetProperty("user").GetProperty("uid").GetInt32());
        Assert.Equal(
            ["PATH=/opt/bin", "HOME=/tmp", "DATABASE=postgres://127.0.0.1"],
            process.GetProperty("env").EnumerateArray().Select(one => one.GetString())
        );
    }

    [Fact]
    public void What_lies_in_a_hidden_folder_is_hidden_with_it()
    {
        Assert.Equal(
            ["/etc/passwd", "/usr/bin"],
            HiddenPaths.Existing("", ["/usr/bin/env", "/usr/bin/", "/etc/passwd", "/none"])
        );
        Assert.Equal(["/a", "/a/b"], HiddenPaths.Parents(["/a/b/c", "/a/d", "/e"]));
    }

    [Theory]
    [InlineData("http://10.0.0.1:80/")]
    [InlineData("https://127.0.0.1:80/")]
    public void An_endpoint_is_on_the_sandboxs_own_loopback(string endpoint) =>
        AssertRefused(s_spec with { Endpoint = new Uri(endpoint) });

    [Theory]
    [InlineData("relative")]
    [InlineData("/a:/b")]
    [InlineData("/a,upperdir=/etc")]
    public void A_root_is_one_folder(string root) => AssertRefused(s_spec with { Root = root });

    [Fact]
    public void There_is_a_command() => AssertRefused(s_spec with { Command = [] });

    [Fact]
    public void Control_groups_of_version_2_are_taken_where_they_have_all()
    {
        string[] mounts =
        [
            "25 23 0:22 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory",
            "26 23 0:23 / /sys/fs/cgroup/pids rw shared:9 - cgroup cgroup rw,pids",
            "27 23 0:24 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct",
            "28 23 0:25 / /sys/fs/cgroup/unified rw shared:9 - cgroup2 cgroup2 rw,nsdelegate",
        ];
        ControlHierarchy two = ControlHierarchy.Read(mounts, _ => ["cpu", "memory", "pids"]);
        Assert.True(two.IsUnified);
        Assert.Equal(["/sys/fs/cgroup/unified"], two.Folders);
        ControlHierarchy one = ControlHierarchy.Read(mounts, _ => []);
        Assert.False(one.IsUnified);
        Assert.Equal(["/sys/fs/cgroup/memory", "/sys/fs/cgroup/pids", "/sys/fs/cgroup/cpu,cpuacct"], one.Folders);
        SandboxException none = Assert.Throws<SandboxException>(() => ControlHierarchy.Read(mounts[1..], _ => []));
        Assert.Equal(SandboxFailures.ControlGroups, none.Reason);
        Assert.Contains("memory", none.Message, StringComparison.Ordinal);
    }

    private static JsonElement Config(SandboxSpec spec) =>
        JsonSerializer.SerializeToElement(Bundle.ConfigOf("/run/x", spec), BundleJson.Default.OciConfig);

    private static void AssertRefused(SandboxSpec spec)
    {
        string folder = Directory.CreateTempSubdirectory("ocx-sandbox-bundle-").FullName;
        try
        {
            SandboxException wrong = Assert.Throws<SandboxException>(() => Bundle.Write(folder, spec, [], []));
            Assert.Equal(SandboxFailures.Setup, wrong.Reason);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
