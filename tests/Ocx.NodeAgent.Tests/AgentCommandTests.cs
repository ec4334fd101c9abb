using System.Net;
using Microsoft.Extensions.Logging;
using Ocx.Mcp.Pairing;
using Ocx.NodeAgent.Options;
using Ocx.NodeProgram;
using Xunit;

namespace Ocx.NodeAgent.Tests;

public class AgentCommandTests
{
    [Fact]
    public void An_auditor_is_at_a_socket_or_over_TLS_and_has_calls_followed()
    {
        Assert.Null(Parse([], []).Auditor);
        AgentOptions options = Parse(["--auditor", "unix:/run/a.sock"], []);
        Assert.True(options.FollowsCalls);
        Assert.Equal(("/run/a.sock", null), (options.Auditor!.Endpoint.Socket, options.Auditor.Endpoint.Url));
        Assert.Equal(["tools/call"], options.Auditor.Methods);
        Assert.Equal(256 << 10, options.Auditor.MaxArguments);

        options = Parse(
            ["--auditor", "https://auditor:8443", "--auditor-ca", "/ca", "--auditor-token", "/token"],
            new() { ["OCX_AUDIT_METHODS"] = "tools/call,resources/read", ["OCX_AUDIT_ARGUMENTS"] = "1Mi" }
        );
        Assert.Equal(
            (null, "https://auditor:8443/"),
            (options.Auditor!.Endpoint.Socket, options.Auditor.Endpoint.Url!.AbsoluteUri)
        );
        Assert.Equal(("/ca", "/token"), (options.Auditor.Endpoint.AuthorityFile, options.Auditor.Endpoint.TokenFile));
        Assert.Equal(["tools/call", "resources/read"], options.Auditor.Methods);
        Assert.Equal(1 << 20, options.Auditor.MaxArguments);

        string longest = "unix:/" + new string('x', 106);
        Assert.Equal(107, Parse(["--auditor", longest], []).Auditor!.Endpoint.Socket!.Length);
        Assert.Throws<StartupException>(() => Parse(["--auditor", longest + "x"], []));
        Assert.Throws<StartupException>(() => Parse(["--auditor", "unix:/a", "--auditor-token", "/token"], []));
    }

    [Fact]
    public void Without_arguments_the_documented_defaults_hold()
    {
        AgentOptions options = Parse([], []);

        Assert.Equal(["eth0"], options.Interfaces);
        Assert.Equal([8080], options.Ports);
        Assert.Equal(16u * 1024 * 1024, options.RingSize);
        Assert.Equal(65536, options.SnapLength);
        Assert.Equal(EventFormat.Text, options.Events);
        Assert.Equal(TimeSpan.FromSeconds(10), options.StatsInterval);
        Assert.Null(options.Duration);
        Assert.Equal(LogLevel.Information, options.LogLevel);
        Assert.Equal(LogFormat.Text, options.LogFormat);
        Assert.Equal(PayloadMode.Full, options.Payload);
        Assert.Equal(0, options.HttpPort);
        Assert.Equal(IPAddress.Loopback, options.HttpAddress);
        Assert.Null(options.Report);
        Assert.True(options.Findings);
    }

    [Fact]
    public void Every_option_is_a_flag()
    {
        AgentOptions options = Parse(
            [
                "--interface",
                "lo,eth1",
                "--port",
                "80, 8080,80",
                "--ring-size",
                "64Ki",
                "--snap-length",
                "128",
                "--events",
                "json",
                "--stats-interval",
                "1m",
                "--duration",
                "3s",
                "--log-level",
                "debug",
                "--log-format",
                "json",
                "--payload",
                "metadata",
                "--http-port",
                "9910",
                "--http-address",
                "10.0.0.7",
                "--report",
                "--report-interval",
                "30s",
                "--tap",
                "mcp",
                "--tap-uid",
                "u-1",
                "--node-name",
                "node-a",
                "--namespace",
                "ocx-system",
                "--redact-path",
                "$.user.email",
                "--redact-path",
                "$.items[*].key",
                "--redact-pattern",
                "ACME-[0-9]{4,8}",
                "--mcp-memory",
                "1Mi",
                "--findings",
                "false",
            ],
            []
        );

        Assert.Equal(["$.user.email", "$.items[*].key"], options.Redaction.Paths);
        Assert.Equal(["ACME-[0-9]{4,8}"], options.Redaction.Patterns);
        Assert.Equal(1 << 20, options.McpMemory);
        Assert.False(options.Findings);
        Assert.Equal(["lo", "eth1"], options.Interfaces);
        Assert.Equal([80, 8080], options.Ports);
        Assert.Equal(65536u, options.RingSize);
        Assert.Equal(128, options.SnapLength);
        Assert.Equal(EventFormat.Json, options.Events);
        Assert.Equal(TimeSpan.FromMinutes(1), options.StatsInterval);
        Assert.Equal(TimeSpan.FromSeconds(3), options.Duration);
        Assert.Equal(LogLevel.Debug, options.LogLevel);
        Assert.Equal(LogFormat.Json, options.LogFormat);
        Assert.Equal(PayloadMode.Metadata, options.Payload);
        Assert.Equal(9910, options.HttpPort);
        Assert.Equal(IPAddress.Parse("10.0.0.7"), options.HttpAddress);
        Assert.Equal(
            ("mcp", "u-1", "node-a", "ocx-system"),
            (options.Report!.Tap, options.Report.TapUid, options.Report.Node, options.Report.Namespace)
        );
        Assert.Equal(TimeSpan.FromSeconds(30), options.Report.Interval);
    }

    [Fact]
    public void Every_option_is_an_environment_variable_that_its_flag_overrides()
    {
        AgentOptions options = Parse(
            ["--port", "9000"],
            new()
            {
                ["OCX_INTERFACE"] = "any",
                ["OCX_PORT"] = "1",
                ["OCX_RING_SIZE"] = "1Mi",
                ["OCX_SNAP_LENGTH"] = "1Ki",
                ["OCX_EVENTS"] = "none",
                ["OCX_STATS_INTERVAL"] = "500ms",
                ["OCX_DURATION"] = "1h",
                ["OCX_LOG_LEVEL"] = "warn",
                ["OCX_LOG_FORMAT"] = "json",
                ["OCX_PAYLOAD"] = "Metadata",
                ["OCX_REDACT_PATH"] = "$.a\n$.b.*\n",
                ["OCX_REDACT_PATTERN"] = "x{1,2}\ny",
                ["OCX_MCP_MEMORY"] = "128Mi",
                ["OCX_HTTP_PORT"] = "9911",
                ["OCX_HTTP_ADDRESS"] = "fd00::1",
                ["OCX_REPORT"] = "true",
                ["OCX_REPORT_INTERVAL"] = "1m",
                ["OCX_TAP"] = "mcp",
                ["OCX_TAP_UID"] = "u-1",
                ["OCX_NODE_NAME"] = "node-a",
                ["OCX_NAMESPACE"] = "ocx-system",
            }
        );

        Assert.Equal(["$.a", "$.b.*"], options.Redaction.Paths);
        Assert.Equal(["x{1,2}", "y"], options.Redaction.Patterns);
        Assert.Equal(128 << 20, options.McpMemory);
        Assert.True(options.TapsAnyInterface);
        Assert.Equal([9000], options.Ports);
        Assert.Equal(1u << 20, options.RingSize);
        Assert.Equal(1024, options.SnapLength);
        Assert.Equal(EventFormat.None, options.Events);
        Assert.Equal(TimeSpan.FromMilliseconds(500), options.StatsInterval);
        Assert.Equal(TimeSpan.FromHours(1), options.Duration);
        Assert.Equal(LogLevel.Warning, options.LogLevel);
        Assert.Equal(LogFormat.Json, options.LogFormat);
        Assert.Equal(PayloadMode.Metadata, options.Payload);
        Assert.Equal(9911, options.HttpPort);
        Assert.Equal(IPAddress.Parse("fd00::1"), options.HttpAddress);
        Assert.Equal(
            ("mcp", "u-1", "node-a", "ocx-system"),
            (options.Report!.Tap, options.Report.TapUid, options.Report.Node, options.Report.Namespace)
        );
        Assert.Equal(TimeSpan.FromMinutes(1), options.Report.Interval);
    }

    [Theory]
    [InlineData("OCX_TAP", "--report needs --tap")]
    [InlineData("OCX_TAP_UID", "--report needs --tap-uid")]
    [InlineData("OCX_NODE_NAME", "--report needs --node-name")]
    [InlineData("OCX_NAMESPACE", "--report needs --namespace")]
    public void A_report_needs_to_know_whose_it_is(string left, string reason)
    {
        var environment = new Dictionary<string, string>
        {
            ["OCX_TAP"] = "mcp",
            ["OCX_TAP_UID"] = "u-1",
            ["OCX_NODE_NAME"] = "node-a",
            ["OCX_NAMESPACE"] = "ocx-system",
        };
        environment.Remove(left);
        var refused = Assert.Throws<StartupException>(() => Parse(["--report"], environment));
        Assert.StartsWith(reason + ";", refused.Message, StringComparison.Ordinal);
        Assert.Null(Parse(["--report", "false"], environment).Report);
        Assert.Equal(
            "OCX_REPORT=yes: want true or false",
            Assert.Throws<StartupException>(() => Parse([], new() { ["OCX_REPORT"] = "yes" })).Message
        );
    }

    [Theory]
    [InlineData("full", "json", 4096)]
    [InlineData("metadata", "calls", 4096)]
    [InlineData("metadata", "lines", 4096)]
    [InlineData("metadata", "json", 1)]
    [InlineData("metadata", "none", 1)]
    public void Payload_that_nothing_reads_does_not_leave_the_kernel(string payload, string events, int copied) =>
        Assert.Equal(
            copied,
            Parse(["--payload", payload, "--events", events, "--snap-length", "4096"], []).CopiedLength
        );

    [Theory]
    [InlineData("--port", "0", "'0' is no TCP port")]
    [InlineData("--port", "65536", "'65536' is no TCP port")]
    [InlineData("--port", "80,,81", "an item of the list is empty")]
    [InlineData("--port", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", "at most 16")]
    [InlineData("--ring-size", "3Mi", "not a power of two; the next ones are 2Mi and 4Mi")]
    [InlineData("--ring-size", "2048", "not a multiple of the page size")]
    [InlineData("--ring-size", "2Gi", "want a size from")]
    [InlineData("--snap-length", "65537", "from 1 to 65536")]
    [InlineData("--interface", "an-interface-name-too-long", "is no interface name")]
    [InlineData("--interface", "a/b", "is no interface name")]
    [InlineData("--interface", "any,lo", "'any' stands for all interfaces")]
    [InlineData("--events", "xml", "want text, json, lines, calls or none")]
    [InlineData("--duration", "10", "want a duration")]
    [InlineData("--stats-interval", "0s", "want a duration above zero")]
    [InlineData("--log-level", "loud", "want trace, debug, info, warn or error")]
    [InlineData("--log-format", "xml", "want text or json")]
    [InlineData("--payload", "some", "want full or metadata")]
    [InlineData("--redact-path", "user.email", "is not of the form $.name.name[*]")]
    [InlineData("--redact-pattern", "(a)\\1", "is not a regular expression without backtracking")]
    [InlineData("--redact-pattern", "[", "is not a regular expression without backtracking")]
    [InlineData("--mcp-memory", "1023Ki", "want a size of at least 1Mi")]
    [InlineData("--http-port", "65536", "want a TCP port from 1 to 65535, or 0 for none")]
    [InlineData("--http-address", "localhost", "want an IP address")]
    [InlineData("--otlp-endpoint", "collector:4317", "expected a URL such as http://127.0.0.1:4317")]
    [InlineData("--otlp-endpoint", "ftp://collector", "expected a URL such as http://127.0.0.1:4317")]
    [InlineData("--otlp-endpoint", "http://collector:99999", "expected a URL such as http://127.0.0.1:4317")]
    [InlineData("--report-interval", "0s", "want a duration above zero")]
    [InlineData("--auditor", "auditor:8443", "want unix:/path of at most 107 bytes, or https://host:port")]
    [InlineData("--auditor", "http://auditor:8080", "want unix:/path of at most 107 bytes, or https://host:port")]
    [InlineData("--auditor", "https://me@auditor:8080", "want unix:/path of at most 107 bytes, or https://host:port")]
    [InlineData("--auditor", "https://auditor/path", "want unix:/path of at most 107 bytes, or https://host:port")]
    [InlineData("--auditor", "unix:relative", "want unix:/path of at most 107 bytes, or https://host:port")]
    [InlineData("--audit-arguments", "2Mi", "want a size up to 1Mi")]
    [InlineData("--audit-methods", "tools/call,", "an item of the list is empty")]
    public void A_bad_value_is_refused_in_one_line_that_names_it(string flag, string value, string reason)
    {
        var fromFlag = Assert.Throws<StartupException>(() => Parse([flag, value], []));
        Assert.StartsWith($"{flag} {value}: ", fromFlag.Message, StringComparison.Ordinal);
        Assert.Contains(reason, fromFlag.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fromFlag.Message);

        string variable = "OCX_" + flag[2..].ToUpperInvariant().Replace('-', '_');
        var fromEnvironment = Assert.Throws<StartupException>(() => Parse([], new() { [variable] = value }));
        Assert.StartsWith($"{variable}={value}: ", fromEnvironment.Message, StringComparison.Ordinal);
        Assert.Contains(reason, fromEnvironment.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_OTLP_receiver_is_the_flags_then_our_variables_then_OpenTelemetrys_else_none()
    {
        var environment = new Dictionary<string, string>
        {
            ["OCX_OTLP_ENDPOINT"] = "http://ours:4317",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://theirs:4317",
        };
        Assert.Equal(
            new Uri("http://flag:4317"),
            Parse(["--otlp-endpoint", "http://flag:4317"], environment).OtlpEndpoint
        );
        Assert.Equal(new Uri("http://ours:4317"), Parse([], environment).OtlpEndpoint);
        environment.Remove("OCX_OTLP_ENDPOINT");
        Assert.Equal(new Uri("http://theirs:4317"), Parse([], environment).OtlpEndpoint);
        Assert.Null(Parse([], []).OtlpEndpoint);
        Assert.StartsWith(
            "OTEL_EXPORTER_OTLP_ENDPOINT=theirs: ",
            Assert
                .Throws<StartupException>(() => Parse([], new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "theirs" }))
                .Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void An_unknown_option_is_refused()
    {
        var exception = Assert.Throws<StartupException>(() => Parse(["--prot", "80"], []));
        Assert.Contains("--prot", exception.Message, StringComparison.Ordinal);
    }

    private static AgentOptions Parse(string[] arguments, Dictionary<string, string> environment)
    {
        var command = new AgentCommand(environment.GetValueOrDefault);
        return command.Read(command.Root.Parse(arguments));
    }
}
