using System.Diagnostics;
using Ocx.State.Processes;

[assembly: AssemblyFixture(typeof(Ocx.State.Tests.Servers.Programs))]

namespace Ocx.State.Tests.Servers;

/// <summary>
/// PostgreSQL and Redis of Debian's packages, unpacked and not installed (an installed one would start as a service),
/// in a folder where the unprivileged user that runs them may read.
/// </summary>
public sealed class Programs : IAsyncLifetime
{
    private static int s_folders;

    private DirectoryInfo? _folder;

    /// <summary>A folder for all that a run of the tests makes; short, as Unix sockets lie in it.</summary>
    public string Folder => _folder!.FullName;

    /// <summary>Where PostgreSQL's programs are, by version.</summary>
    public string Postgres => Path.Combine(Folder, "pg-{0}");

    /// <summary>The Redis server.</summary>
    public string Redis => Path.Combine(Folder, "redis-server");

    /// <summary>A folder of PostgreSQL's that initdb has made, to copy.</summary>
    public string Template => Path.Combine(Folder, "template");

    /// <summary>A new folder of the unprivileged user's.</summary>
    public string NewFolder() =>
        RunAs.Default.MakeFolder(Path.Combine(Folder, $"{Interlocked.Increment(ref s_folders)}"));

    public async ValueTask InitializeAsync()
    {
        _folder = Directory.CreateTempSubdirectory("ocx-state-");
        File.SetUnixFileMode(
            Folder,
            UnixFileMode.UserRead
                | UnixFileMode.UserWrite
                | UnixFileMode.UserExecute
                | UnixFileMode.OtherRead
                | UnixFileMode.OtherExecute
                | UnixFileMode.GroupRead
                | UnixFileMode.GroupExecute
        );
        string postgres = Unpacked(
            "postgresql-15",
            "postgresql-client-15",
            "libpq5",
            "libldap-2.5-0",
            "libsasl2-2",
            "libxml2",
            "libicu72"
        );
        string redis = Unpacked("redis-server", "redis-tools", "libjemalloc2", "liblzf1");

        // The one who runs them cannot look into the folders of another's home.
        Run("cp", "-r", Path.Combine(postgres, "usr"), Path.Combine(Folder, "usr"));
        Run("cp", "-rT", Path.Combine(redis, "usr"), Path.Combine(Folder, "usr"));
        string real = Path.Combine(Folder, "usr", "lib", "postgresql", "15", "bin");
        Directory.CreateDirectory(Path.Combine(Folder, "pg-15"));
        foreach (string program in Directory.GetFiles(real))
        {
            Wrap(program, Path.Combine(Folder, "pg-15", Path.GetFileName(program)));
        }

        Wrap(Path.Combine(Folder, "usr", "bin", "redis-server"), Redis);
        await using OwnedProcess making = await OwnedProcess.StartAsync(
            Path.Combine(Folder, "pg-15", "initdb"),
            [
                "-D",
                Path.Combine(NewFolder(), "data"),
                "-U",
                "postgres",
                "-E",
                "UTF8",
                "--locale=C",
                "--wal-segsize=1",
                "-A",
                "trust",
                "-N",
            ],
            Folder,
            RunAs.Default,
            "KILL"
        );
        int code = await making.WaitAsync(CancellationToken.None);
        Assert.True(code == 0, making.Output);
        Directory.Move(Path.Combine(Folder, $"{s_folders}", "data"), Template);
    }

    public async ValueTask DisposeAsync()
    {
        if (_folder is not null)
        {
            await FolderProcesses.EndAsync(Folder);
            _folder.Delete(recursive: true);
        }
    }

    /// <summary>Runs a program of this machine to its end.</summary>
    public static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program}: {errors.Result}");
    }

    private static string Unpacked(params string[] packages) =>
        Run(Checkout.PathOf("hack", "unpacked"), packages).Trim();

    private void Wrap(string program, string path)
    {
        string libraries = Directory.GetDirectories(Path.Combine(Folder, "usr", "lib"), "*-linux-gnu")[0];
        File.WriteAllText(path, $"#!/bin/sh\nLD_LIBRARY_PATH={libraries} exec {program} \"$@\"\n");
        File.SetUnixFileMode(
            path,
            UnixFileMode.UserRead
                | UnixFileMode.UserExecute
                | UnixFileMode.OtherRead
                | UnixFileMode.OtherExecute
                | UnixFileMode.GroupRead
                | UnixFileMode.GroupExecute
        );
    }
}
