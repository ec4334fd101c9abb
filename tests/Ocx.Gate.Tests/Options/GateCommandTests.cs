using System.Net;
using Microsoft.Extensions.Logging;
using Ocx.Audit.Wire;
using Ocx.Gate.Options;
using Ocx.NodeProgram;

namespace Ocx.Gate.Tests.Options;

public class GateCommandTests
{
    private static readonly string[] s_least = ["--port", "8080", "--auditor", "unix:/run/a.sock"];

    [Fact]
    public void Without_further_arguments_the_documented_defaults_hold()
    {
        GateOptions options = Parse(s_least);
        Assert.Equal<ushort>([8080], options.Ports);
        Assert.Equal("/run/a.sock", options.Auditor.Socket);
        Assert.Null(options.Namespace);
        Assert.Equal((20480, 1), (options.Queue, options.Queues));
        Assert.Equal(GateFailurePolicy.Closed, options.FailurePolicy);
        Assert.Equal(Environment.MachineName, options.NodeName);
        Assert.Equal((0, IPAddress.Loopback), (options.HttpPort, options.HttpAddress));
        Assert.Equal((LogLevel.Information, LogFormat.Text), (options.LogLevel, options.LogFormat));
    }

    [Fact]
    public void Every_option_is_a_flag()
    {
        GateOptions options = Parse([
            "--port",
            "80, 8080,80",
            "--auditor",
            "https://auditor:8443",
            "--auditor-ca",
            "/ca",
            "--auditor-token",
            "/token",
            "--netns",
            "/proc/1/ns/net",
            "--queue",
            "7",
            "--queues",
            "4",
            "--failure-policy",
            "open",
            "--node-name",
            "node-1",
            "--http-port",
            "9091",
            "--http-address",
            "::1",
            "--log-level",
            "debug",
            "--log-format",
            "json",
        ]);
        Assert.Equal<ushort>([80, 8080], options.Ports);
        Assert.Equal("https://auditor:8443/", options.Auditor.Url!.AbsoluteUri);
        Assert.Equal(("/ca", "/token"), (options.Auditor.AuthorityFile, options.Auditor.TokenFile));
        Assert.Equal(("/proc/1/ns/net", "node-1"), (options.Namespace, options.NodeName));
        Assert.Equal((7, 4), (options.Queue, options.Queues));
        Assert.Equal(GateFailurePolicy.Open, options.FailurePolicy);
        Assert.Equal((9091, IPAddress.IPv6Loopback), (options.HttpPort, options.HttpAddress));
        Assert.Equal((LogLevel.Debug, LogFormat.Json), (options.LogLevel, options.LogFormat));
    }

    [Fact]
    public void What_the_agent_has_too_may_come_from_its_variables()
    {
        var environment = new Dictionary<string, string>
        {
            ["OCX_PORT"] = "9090",
            ["OCX_AUDITOR"] = "https://auditor:8443",
            ["OCX_AUDITOR_TOKEN"] = "/token",
            ["OCX_NODE_NAME"] = "node-2",
            ["OCX_HTTP_PORT"] = "9464",
            ["OCX_LOG_FORMAT"] = "json",
        };
        GateOptions options = Parse([], environment);
        Assert.Equal<ushort>([9090], options.Ports);
        Assert.Equal(("/token", "node-2"), (options.Auditor.TokenFile, options.NodeName));
        Assert.Equal((9464, LogFormat.Json), (options.HttpPort, options.LogFormat));
        Assert.Equal<ushort>([80], Parse(["--port", "80"], environment).Ports);
    }

    [Fact]
    public void In_a_cluster_the_auditor_names_the_servers_and_to_remove_takes_no_auditor()
    {
        GateOptions options = Parse(["--cluster", "--auditor", "https://10.0.0.7:9443"]);
        Assert.True(options.IsCluster);
        Assert.Empty(options.Ports);
        Assert.False(Parse(s_least).IsCluster);
        Assert.True(Parse(["--remove"]).Removes);
    }

    [Theory]
    [InlineData("--auditor is needed", "--cluster")]
    [InlineData("one of the two", "--cluster", "--remove", "--auditor", "unix:/a")]
    [InlineData("do not go with --cluster", "--cluster", "--auditor", "unix:/a", "--port", "80")]
    [InlineData("do not go with --cluster", "--remove", "--netns", "a")]
    [InlineData("--port is needed", "--auditor", "unix:/a")]
    [InlineData("--auditor is needed", "--port", "80")]
    [InlineData("'0' is no TCP port", "--port", "0", "--auditor", "unix:/a")]
    [InlineData("want unix:/path", "--port", "80", "--auditor", "auditor:8443")]
    [InlineData("are for an auditor at https://", "--port", "80", "--auditor", "unix:/a", "--auditor-ca", "/ca")]
    [InlineData("from 0 to 65535", "--port", "80", "--auditor", "unix:/a", "--queue", "65536")]
    [InlineData("from 1 to 64", "--port", "80", "--auditor", "unix:/a", "--queues", "0")]
    [InlineData("from 1 to 64", "--port", "80", "--auditor", "unix:/a", "--queues", "65")]
    [InlineData("beyond 65535", "--port", "80", "--auditor", "unix:/a", "--queue", "65535", "--queues", "2")]
    [InlineData("want Closed or Open", "--port", "80", "--auditor", "unix:/a", "--failure-policy", "ajar")]
    [InlineData("a path with a slash", "--port", "80", "--auditor", "unix:/a", "--netns", "two words")]
    [InlineData("a path with a slash", "--port", "80", "--auditor", "unix:/a", "--netns", "..")]
    public void What_is_wrong_is_said(string what, params string[] arguments) =>
        Assert.Contains(
            what,
            Assert.Throws<StartupException>(() => Parse(arguments)).Message,
            StringComparison.Ordinal
        );

    private static GateOptions Parse(string[] arguments, Dictionary<string, string>? environment = null)
    {
        var command = new GateCommand(name => environment?.GetValueOrDefault(name));
        return command.Read(command.Root.Parse(arguments));
    }
}
