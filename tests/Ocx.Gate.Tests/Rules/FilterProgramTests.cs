using Ocx.Gate.Rules;

namespace Ocx.Gate.Tests.Rules;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class FilterProgramTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ocx-iptables-").FullName;

    private string Iptables => Path.Combine(_folder, "iptables");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_program_that_works_is_taken()
    {
        Write(Iptables, "echo '-N OCX-GATE-IN'");
        Write(Iptables + "-legacy", "echo '-N OCX-GATE-OUT'");
        Assert.True(FilterProgram.Working(Iptables).Read().Has("OCX-GATE-IN"));
    }

    [Fact]
    public void Where_the_kernel_does_not_know_its_rules_the_older_one_beside_it_is_taken()
    {
        Write(Iptables, "echo 'Could not fetch rule set generation id: Invalid argument' >&2; exit 111");
        Write(Iptables + "-legacy", "echo '-N OCX-GATE-OUT'");
        FilterProgram program = FilterProgram.Working(Iptables);
        Assert.EndsWith("iptables-legacy", program.Name, StringComparison.Ordinal);
        Assert.True(program.Read().Has("OCX-GATE-OUT"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Where_neither_works_the_first_ones_word_is_told(bool hasLegacy)
    {
        Write(Iptables, "echo 'no permission' >&2; exit 4");
        if (hasLegacy)
        {
            Write(Iptables + "-legacy", "echo 'another word' >&2; exit 3");
        }

        Assert.Contains(
            "no permission",
            Assert.Throws<RulesException>(() => FilterProgram.Working(Iptables)).Message,
            StringComparison.Ordinal
        );
    }

    private static void Write(string file, string script)
    {
        File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
