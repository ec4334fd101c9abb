using Microsoft.Extensions.Logging;
using Ocx.NodeAgent.Options;
using Xunit;

namespace Ocx.NodeAgent.Tests;

public class AgentCommandTests
{
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
    }

    [Fact]
    public void Every_option_is_a_flag()
    {
        AgentOptions options = Parse(
            ["--interface", "lo,eth1", "--port", "80, 8080,80", "--ring-size", "64Ki", "--snap-length", "128", "--events", "json",
             "--stats-interval", "1m", "--duration", "3s", "--log-level", "debug", "--log-format", "json"], []);

        Assert.Equal(["lo", "eth1"], options.Interfaces);
        Assert.Equal([80, 8080], options.Ports);
        Assert.Equal(65536u, options.RingSize);
        Assert.Equal(128, options.SnapLength);
        Assert.Equal(EventFormat.Json, options.Events);
        Assert.Equal(TimeSpan.FromMinutes(1), options.StatsInterval);
        Assert.Equal(TimeSpan.FromSeconds(3), options.Duration);
        Assert.Equal(LogLevel.Debug, options.LogLevel);
        Assert.Equal(LogFormat.Json, options.LogFormat);
    }

    [Fact]
    public void Every_option_is_an_environment_variable_that_its_flag_overrides()
    {
        AgentOptions options = Parse(["--port", "9000"], new()
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
        });

        Assert.True(options.TapsAnyInterface);
        Assert.Equal([9000], options.Ports);
        Assert.Equal(1u << 20, options.RingSize);
        Assert.Equal(1024, options.SnapLength);
        Assert.Equal(EventFormat.None, options.Events);
        Assert.Equal(TimeSpan.FromMilliseconds(500), options.StatsInterval);
        Assert.Equal(TimeSpan.FromHours(1), options.Duration);
        Assert.Equal(LogLevel.Warning, options.LogLevel);
        Assert.Equal(LogFormat.Json, options.LogFormat);
    }

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
    [InlineData("--events", "xml", "want json, text, calls or none")]
    [InlineData("--duration", "10", "want a duration")]
    [InlineData("--stats-interval", "0s", "want a duration above zero")]
    [InlineData("--log-level", "loud", "want trace, debug, info, warn or error")]
    [InlineData("--log-format", "xml", "want text or json")]
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
