using System.Text.Json;

namespace Ocx.Cli.Tests;

/// <summary>What the command says when it is asked for nothing, or for what there is not.</summary>
public sealed class CommandTests
{
    [Fact]
    public async Task Alone_it_prints_its_help()
    {
        Ocx alone = await Ocx.RunAsync();

        Assert.Equal(0, alone.ExitCode);
        foreach (string command in (string[])["check", "completion", "observe", "record", "replay", "status", "top"])
        {
            Assert.Contains($"\n  {command} ", alone.Output, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("complete-for-kubectl", alone.Output, StringComparison.Ordinal);
        Assert.Empty(alone.Errors);
    }

    [Fact]
    public async Task An_unknown_command_is_named_and_those_that_there_are()
    {
        Ocx wrong = await Ocx.RunAsync("foo\u001b[2J", "--bar");

        Assert.Equal(2, wrong.ExitCode);
        Assert.Equal(
            "ocx: unknown command 'foo\\u{1b}[2J': "
                + "there are audit, check, observe, record, replay, status, top, completion; "
                + "see ocx --help\n",
            wrong.Errors
        );
    }

    [Theory]
    [InlineData("observe", "--no-such-option")]
    [InlineData("--no-such-option")]
    [InlineData("observe", "surplus")]
    public async Task Anything_else_that_is_wrong_ends_with_2_and_one_line(params string[] arguments)
    {
        Ocx wrong = await Ocx.RunAsync(arguments);

        Assert.Equal(2, wrong.ExitCode);
        Assert.Single(wrong.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task The_checks_and_the_busiest_tools_are_had_as_JSON_too()
    {
        Ocx check = await Ocx.RunAsync("check", "-o", "json");
        Assert.All(
            check.Lines,
            line =>
                Assert.Contains(
                    JsonElement.Parse(line).GetProperty("level").GetString(),
                    (string[])["ok", "warn", "fail"]
                )
        );

        byte[] log = AgentLines.Log(AgentLines.Line("echo", ms: 2), AgentLines.Line("echo", "tool_error", ms: 4));
        Ocx top = await Ocx.RunAsync(log, "top", "--input", "-", "--interval", "1h", "-o", "json");
        JsonElement echo = JsonElement.Parse(Assert.Single(top.Lines));
        Assert.Equal(("echo", 2, 1), (Text(echo, "name"), Number(echo, "calls"), Number(echo, "errors")));
        Assert.Equal((2_000_000, 4_000_000), (Number(echo, "p50Ns"), Number(echo, "p95Ns")));
    }

    private static string Text(JsonElement row, string name) => row.GetProperty(name).GetString()!;

    private static int Number(JsonElement row, string name) => row.GetProperty(name).GetInt32();
}
