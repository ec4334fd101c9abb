namespace Ocx.Sandbox.Tests.Harness;

/// <summary>What sandboxes could leave behind on this machine.</summary>
public sealed record Left(string Processes, string Mounts, string Namespaces, string Groups)
{
    private static readonly string[] s_kinds = ["mnt", "net", "pid", "ipc", "uts"];

    /// <summary>
    /// Looks: at processes whose command line names a folder, and at their namespaces; at mounts below it; and at the
    /// control groups of sandboxes.
    /// </summary>
    public static Left In(string state)
    {
        int[] processes = [.. ProcessesOf(state)];
        return new Left(
            string.Join(' ', processes),
            string.Join(
                '\n',
                File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains(state, StringComparison.Ordinal))
            ),
            string.Join(' ', processes.SelectMany(NamespacesOf).Distinct()),
            string.Join(
                '\n',
                Directory
                    .EnumerateDirectories(
                        "/sys/fs/cgroup",
                        "ocx-sandbox-*",
                        new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 }
                    )
                    .Where(folder => Machines(state).Any(id => folder.Contains(id, StringComparison.Ordinal)))
            )
        );
    }

    /// <summary>Nothing.</summary>
    public static Left Nothing { get; } = new("", "", "", "");

    /// <summary>Those that run in the namespaces of sandboxes, or have their folder in the command line.</summary>
    public static IEnumerable<int> ProcessesOf(string state) =>
        Directory
            .EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out int process) ? process : 0)
            .Where(process => process > 0 && process != Environment.ProcessId && IsOf(process, state));

    private static bool IsOf(int process, string state)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline").Contains(state + "/", StringComparison.Ordinal)
                || File.ReadAllText($"/proc/{process}/mountinfo").Contains(state + "/", StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static IEnumerable<string> NamespacesOf(int process) =>
        s_kinds
            .Select(kind => File.ResolveLinkTarget($"/proc/{process}/ns/{kind}", returnFinalTarget: false)?.Name ?? "")
            .Where(name =>
                !s_kinds.Any(kind =>
                    File.ResolveLinkTarget($"/proc/self/ns/{kind}", returnFinalTarget: false)?.Name == name
                )
            );

    private static IEnumerable<string> Machines(string state) =>
        Directory.EnumerateDirectories(state).Select(folder => Path.GetFileName(folder));
}
