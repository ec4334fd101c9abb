namespace Ocx.Sandbox.Bundles;

/// <summary>
/// What of the host's own files a sandbox does not have. Files are hidden whole: not even their names are there. Unix
/// sockets, named pipes and devices of the host's are of no use there in any case: gVisor opens none.
/// </summary>
public static class HiddenPaths
{
    /// <summary>Those of the host's root: homes, secrets, sockets, logs and other programs' data.</summary>
    public static IReadOnlyList<string> OfHost { get; } =
    [
        "/boot",
        "/etc/docker",
        "/etc/gshadow",
        "/etc/gshadow-",
        "/etc/kubernetes",
        "/etc/machine-id",
        "/etc/ocx",
        "/etc/rancher",
        "/etc/shadow",
        "/etc/shadow-",
        "/etc/ssh",
        "/etc/ssl/private",
        "/etc/sudoers",
        "/etc/sudoers.d",
        "/home",
        "/media",
        "/mnt",
        "/root",
        "/run",
        "/srv",
        "/tmp",
        "/var/backups",
        "/var/cache",
        "/var/lib/containerd",
        "/var/lib/docker",
        "/var/lib/etcd",
        "/var/lib/kubelet",
        "/var/lib/ocx",
        "/var/lib/postgresql",
        "/var/lib/redis",
        "/var/log",
        "/var/mail",
        "/var/spool",
        "/var/tmp",
    ];

    /// <summary>Folders that a program expects, which are there and empty: their modes, in octal, and paths.</summary>
    internal static IReadOnlyList<(string Mode, string Path)> Empty { get; } =
    [("1777", "/tmp"), ("0755", "/run"), ("1777", "/var/tmp")];

    /// <summary>
    /// Those of a list that exist under a root and do not lie in another of the list: what is in a hidden folder is
    /// hidden.
    /// </summary>
    internal static IReadOnlyList<string> Existing(string root, IEnumerable<string> paths)
    {
        string[] all = [.. paths.Select(Clean).Where(path => path.Length > 1).Distinct().Order(StringComparer.Ordinal)];
        return
        [
            .. all.Where(path =>
                Exists(root + path) && !all.Any(other => path.StartsWith(other + "/", StringComparison.Ordinal))
            ),
        ];
    }

    /// <summary>The folders in which paths lie, from the top, without the root.</summary>
    internal static IReadOnlyList<string> Parents(IEnumerable<string> paths) =>
        [
            .. paths
                .SelectMany(path =>
                    Enumerable.Range(1, path.Length - 1).Where(at => path[at] == '/').Select(at => path[..at])
                )
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];

    private static string Clean(string path) => Path.GetFullPath(path).TrimEnd('/');

    // A link that leads nowhere exists too.
    private static bool Exists(string path) => Path.Exists(path) || new FileInfo(path).LinkTarget is not null;
}
