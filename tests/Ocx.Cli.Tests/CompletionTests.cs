using System.Diagnostics;

namespace Ocx.Cli.Tests;

/// <summary>What a shell is told, and what it may ask.</summary>
public sealed class CompletionTests
{
    [Fact]
    public async Task Bash_takes_its_script()
    {
        Ocx script = await Ocx.RunAsync("completion", "bash");
        using Process bash = Process.Start(new ProcessStartInfo("bash", ["-n"]) { RedirectStandardInput = true })!;
        await bash.StandardInput.WriteAsync(script.Output);
        bash.StandardInput.Close();
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal((0, 0), (script.ExitCode, bash.ExitCode));
    }

    [Theory]
    [InlineData("ocx ob", "observe")]
    [InlineData("ocx observe --sta", "--status")]
    [InlineData("ocx observe -o ", "json")]
    [InlineData("ocx completion ", "zsh")]
    public async Task What_may_come_next_is_suggested(string line, string expected)
    {
        Ocx suggest = await Ocx.RunAsync($"[suggest:{line.Length}]", line);

        Assert.Contains(expected, suggest.Lines.Select(suggestion => suggestion.Trim()));
    }

    [Theory]
    [InlineData(":4", "observe", "ob")]
    [InlineData(":4", "status", "")]
    [InlineData(":4", "--status", "observe", "--sta")]
    [InlineData(":4", "json", "observe", "-o", "")]
    [InlineData(":0", ":0", "replay", "traff")]
    public async Task Kubectl_gets_candidates_a_line_each_and_what_else_may_be_meant(
        string directive,
        string expected,
        params string[] words
    )
    {
        Ocx asked = await Ocx.RunAsync(["complete-for-kubectl", "--", .. words]);

        Assert.Equal(0, asked.ExitCode);
        Assert.Contains(expected, asked.Lines);
        Assert.Equal(directive, asked.Lines[^1]);
    }

    [Theory]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task Other_shells_ask_the_same_way(string shell) =>
        Assert.Contains("[suggest:", (await Ocx.RunAsync("completion", shell)).Output, StringComparison.Ordinal);

    [Fact]
    public async Task Each_command_has_examples_in_its_help()
    {
        foreach (string command in (string[])["check", "completion", "observe", "record", "replay", "status", "top"])
        {
            Ocx help = await Ocx.RunAsync(command, "--help");

            Assert.Equal(0, help.ExitCode);
            Assert.Contains("Examples:", help.Output, StringComparison.Ordinal);
        }
    }
}
