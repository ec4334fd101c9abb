using System.Text;
using System.Text.Json;
using Ocx.Sandbox.Failures;

namespace Ocx.Sandbox.Bundles;

/// <summary>The folder from which a sandbox is started: what runsc reads, and what <c>start.sh</c> does.</summary>
internal static class Bundle
{
    /// <summary>The Unix socket in the folder on which gVisor tells what happens.</summary>
    public const string EventSocket = "events";

    /// <summary>What was written, as a folder of the overlay, seen in the sandbox's mount namespace.</summary>
    public const string Written = "memory/upper";

    // Files that a server may have open: .NET and Node open some hundreds.
    private const ulong OpenFiles = 16_384;

    /// <summary>Writes a bundle.</summary>
    /// <param name="folder">An empty folder that only its owner may read.</param>
    /// <param name="spec">What runs in it.</param>
    /// <param name="alsoHidden">What else is hidden: where the auditor keeps its own.</param>
    /// <param name="groups">The folders of the control groups that it joins.</param>
    /// <exception cref="SandboxException">The spec cannot be one of a sandbox.</exception>
    public static void Write(
        string folder,
        SandboxSpec spec,
        IEnumerable<string> alsoHidden,
        IReadOnlyList<string> groups
    )
    {
        Check(spec);
        bool isHost = spec.Root == "/";
        IReadOnlyList<string> hidden = HiddenPaths.Existing(
            isHost ? string.Empty : spec.Root,
            [.. spec.Hidden, .. alsoHidden, .. isHost ? HiddenPaths.OfHost : []]
        );
        Directory.CreateDirectory(Path.Combine(folder, "memory"));
        WriteLines(folder, "groups", groups);
        WriteLines(folder, "folders", spec.Folders.Select((one, number) => $"{number} {one.Source}"));
        WriteLines(folder, "hidden", hidden);
        WriteLines(folder, "parents", HiddenPaths.Parents(hidden));
        WriteLines(folder, "empty", HiddenPaths.Empty.Select(empty => $"{empty.Mode} {empty.Path}"));
        using (Stream script = typeof(Bundle).Assembly.GetManifestResourceStream("start.sh")!)
        using (FileStream file = File.Create(Path.Combine(folder, "start.sh")))
        {
            script.CopyTo(file);
        }

        File.WriteAllBytes(
            Path.Combine(folder, "config.json"),
            JsonSerializer.SerializeToUtf8Bytes(ConfigOf(folder, spec), BundleJson.Default.OciConfig)
        );
        File.WriteAllBytes(
            Path.Combine(folder, "init.json"),
            JsonSerializer.SerializeToUtf8Bytes(InitOf(folder), BundleJson.Default.InitConfig)
        );
    }

    internal static OciConfig ConfigOf(string folder, SandboxSpec spec)
    {
        string root = Path.Combine(folder, "memory", "root");
        return new OciConfig(
            "1.0.0",
            new OciProcess(
                new OciUser(spec.User, spec.Group),
                spec.Command,
                EnvironmentOf(spec),
                spec.WorkingFolder,
                new OciCapabilities(),
                [new OciLimit("RLIMIT_NOFILE", OpenFiles, OpenFiles), new OciLimit("RLIMIT_CORE", 0, 0)],
                NoNewPrivileges: true
            ),
            new OciRoot(root, Readonly: false),
            "sandbox",
            [
                new OciMount("/proc", "proc", "proc"),
                // gVisor would mount memory of its own over an empty /tmp, and nobody would see what is written there.
                new OciMount("/tmp", "bind", Path.Combine(root, "tmp"), ["rw"]),
                .. spec.Folders.Select(
                    (one, number) =>
                        new OciMount(one.Path, "bind", Path.Combine(folder, "memory", "folders", $"{number}"), ["ro"])
                ),
            ],
            new OciLinux([new("pid"), new("mount"), new("ipc"), new("uts")])
        );
    }

    private static InitConfig InitOf(string folder) =>
        new(
            new TraceSession(
                // The only name that gVisor has for a session.
                "Default",
                [new TracePoint("sentry/execve"), new TracePoint("syscall/connect/exit")],
                [new TraceSink("remote", new TraceEndpoint(Path.Combine(folder, EventSocket)))]
            )
        );

    private static List<string> EnvironmentOf(SandboxSpec spec)
    {
        var variables = new Dictionary<string, string>
        {
            ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ["HOME"] = "/tmp",
        };
        foreach ((string name, string value) in spec.Environment)
        {
            variables[name] = value;
        }

        return [.. variables.Select(variable => $"{variable.Key}={variable.Value}")];
    }

    private static void Check(SandboxSpec spec)
    {
        string? wrong = spec switch
        {
            { Command.Count: 0 } => "there is no command",
            { Endpoint: { } endpoint } when endpoint.Scheme != Uri.UriSchemeHttp || !endpoint.IsLoopback =>
                "its endpoint is no http address on its own loopback",
            _ when !Path.IsPathRooted(spec.Root) || spec.Root.AsSpan().IndexOfAny(",:\\\n") >= 0 =>
                "its root is no path that can be mounted",
            _ when spec.Folders.Any(one => one.Source.Contains('\n', StringComparison.Ordinal)) =>
                "a folder is no path",
            _ when spec.Hidden.Any(path => !Path.IsPathRooted(path) || path.Contains('\n', StringComparison.Ordinal)) =>
                "what is hidden is no path",
            _ => null,
        };
        if (wrong is not null)
        {
            throw new SandboxException(SandboxFailures.Setup, wrong);
        }
    }

    private static void WriteLines(string folder, string name, IEnumerable<string> lines)
    {
        var text = new StringBuilder();
        foreach (string line in lines)
        {
            text.Append(line).Append('\n');
        }

        File.WriteAllText(Path.Combine(folder, name), text.ToString());
    }
}
