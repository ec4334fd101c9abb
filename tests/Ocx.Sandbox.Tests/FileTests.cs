using System.Text.Json;
using Ocx.Audit.Rehearsals;
using Ocx.Sandbox.Bundles;
using Ocx.Sandbox.Tests.Harness;

namespace Ocx.Sandbox.Tests;

/// <summary>What a call does to files, and what of the host's there are.</summary>
public sealed class FileTests(Machine machine)
{
    private static readonly string[] s_libraries = ["/usr", "/lib", "/lib64"];

    // What the call starts from: it is written before, while the server starts.
    private static readonly SandboxSpec s_prepared = Machine.Hostile with
    {
        Command =
        [
            "/bin/sh",
            "-c",
            "mkdir /tmp/old; echo 1 >/tmp/old/a; echo 2 >/tmp/old/b; exec \"$@\"",
            "sh",
            .. Machine.Hostile.Command,
        ],
    };

    [Fact]
    public async Task A_new_file_is_created()
    {
        FileEffects files = await FilesOfAsync("write", """{"path":"/tmp/new"}""");
        Assert.Equal(["/tmp/new"], files.Created);
        Assert.Empty(files.Changed);
        Assert.Empty(files.Deleted);
        Assert.False(files.IsCut);
    }

    [Theory]
    [InlineData("append")]
    [InlineData("write")]
    public async Task A_file_that_was_there_is_changed(string tool)
    {
        FileEffects files = await FilesOfAsync(tool, """{"path":"/tmp/old/a"}""");
        Assert.Empty(files.Created);
        Assert.Equal(["/tmp/old/a"], files.Changed);
        Assert.Empty(files.Deleted);
    }

    [Fact]
    public async Task A_folder_is_deleted_with_what_is_in_it()
    {
        FileEffects files = await FilesOfAsync("remove", """{"path":"/tmp/old"}""");
        Assert.Empty(files.Created);
        Assert.Equal(["/tmp/old", "/tmp/old/a", "/tmp/old/b"], files.Deleted);
    }

    [Fact]
    public async Task A_renamed_file_is_gone_and_new()
    {
        FileEffects files = await FilesOfAsync("rename", """{"from":"/tmp/old/a","to":"/tmp/old/c"}""");
        Assert.Equal(["/tmp/old/c"], files.Created);
        Assert.Equal(["/tmp/old/a"], files.Deleted);
    }

    [Fact]
    public async Task More_files_than_are_told_are_said_to_be_more()
    {
        FileEffects files = await FilesOfAsync("many", """{"count":200}""");
        Assert.Equal(EffectsLimits.Paths, files.Created.Count);
        Assert.True(files.IsCut);
    }

    [Fact]
    public async Task The_files_of_the_root_are_changed_for_the_sandbox_alone()
    {
        string root = Directory.CreateTempSubdirectory("ocx-sandbox-root-").FullName;
        try
        {
            // An image's root, of which the host's programs are mounted in.
            File.WriteAllText(Path.Combine(root, "kept"), "as it was");
            File.WriteAllText(Path.Combine(root, "secret"), "secret");
            File.WriteAllText(Path.Combine(root, "gone"), "still there");
            Directory.CreateDirectory(Path.Combine(root, "lib64"));
            SandboxSpec spec = Machine.Hostile with
            {
                Root = root,
                Hidden = ["/secret"],
                User = 0,
                Group = 0,
                Folders =
                [
                    .. Machine.Hostile.Folders,
                    .. s_libraries.Where(Directory.Exists).Select(path => new SandboxFolder(path, path)),
                ],
            };
            RehearsalEvidence evidence = await machine.CallAsync(spec, "append", """{"path":"/kept"}""");
            Assert.Equal("undefined", Machine.TextOf(evidence));
            Assert.Equal(["/kept"], evidence.Effects.Files!.Changed);
            evidence = await machine.CallAsync(spec, "remove", """{"path":"/gone"}""");
            Assert.Equal("undefined", Machine.TextOf(evidence));
            Assert.Equal(["/gone"], evidence.Effects.Files!.Deleted);
            evidence = await machine.CallAsync(spec, "list", """{"paths":["/"]}""");
            Assert.DoesNotContain("secret", Machine.TextOf(evidence), StringComparison.Ordinal);
            Assert.Equal("as it was", File.ReadAllText(Path.Combine(root, "kept")));
            Assert.Equal("still there", File.ReadAllText(Path.Combine(root, "gone")));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public async Task What_is_the_hosts_own_and_the_auditors_is_not_there()
    {
        string[] absent = ["/etc/shadow", "/etc/ssh", "/root", "/home", "/var/log", machine.State];
        string[] empty = ["/run", "/var/tmp", "/tmp"];
        RehearsalEvidence evidence = await machine.CallAsync(
            Machine.Hostile,
            "list",
            JsonSerializer.Serialize(new { paths = absent.Concat(empty) })
        );
        Assert.Equal([.. absent.Select(_ => "ENOENT"), .. empty.Select(_ => "")], Machine.TextOf(evidence).Split('\n'));
    }

    [Theory]
    [InlineData("write")]
    [InlineData("append")]
    [InlineData("remove")]
    public async Task A_folder_of_the_hosts_is_read_only(string tool)
    {
        string folder = Directory.CreateTempSubdirectory("ocx-sandbox-folder-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "kept"), "as it was");
            RehearsalEvidence evidence = await machine.CallAsync(
                Machine.Hostile with
                {
                    User = 0,
                    Group = 0,
                    Folders = [.. Machine.Hostile.Folders, new(folder, "/opt/folder")],
                },
                tool,
                """{"path":"/opt/folder/kept"}"""
            );
            Assert.Equal(RehearsalOutcome.Answered, evidence.Outcome);
            Assert.NotEqual("undefined", Machine.TextOf(evidence));
            Assert.Equal("as it was", File.ReadAllText(Path.Combine(folder, "kept")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Links_out_of_the_sandbox_lead_nowhere()
    {
        FileEffects files = await FilesOfAsync("link", """{"path":"/tmp/link","to":"/proc/1/root/etc"}""");
        Assert.Equal(["/tmp/link"], files.Created);
    }

    [Fact]
    public async Task Writing_ends_where_the_room_does()
    {
        RehearsalEvidence evidence = await machine.CallAsync(
            Machine.Hostile with
            {
                Limits = Machine.Hostile.Limits with { Files = 16L << 20 },
            },
            "fill",
            """{"path":"/tmp/large"}"""
        );
        Assert.Equal("ENOSPC", Machine.TextOf(evidence));
    }

    private async Task<FileEffects> FilesOfAsync(string tool, string arguments)
    {
        RehearsalEvidence evidence = await machine.CallAsync(s_prepared, tool, arguments);
        Assert.Equal(RehearsalOutcome.Answered, evidence.Outcome);
        return evidence.Effects.Files!;
    }
}
