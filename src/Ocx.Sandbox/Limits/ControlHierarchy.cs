using Ocx.Sandbox.Failures;

namespace Ocx.Sandbox.Limits;

/// <summary>
/// Where this machine's control groups are mounted, from /proc/self/mountinfo (proc_pid_mountinfo(5)).
/// </summary>
/// <param name="IsUnified">Version 2, with all that is needed.</param>
/// <param name="Folders">One folder of version 2; of version 1 those of memory, pids and cpu, in this order.</param>
internal sealed record ControlHierarchy(bool IsUnified, IReadOnlyList<string> Folders)
{
    private static readonly string[] s_needed = ["memory", "pids", "cpu"];

    /// <summary>Looks it up.</summary>
    /// <exception cref="SandboxException">There is none with memory, pids and cpu.</exception>
    public static ControlHierarchy Find() => Read(File.ReadAllLines("/proc/self/mountinfo"), ControllersOf);

    /// <summary>Finds it among mounts.</summary>
    /// <param name="mounts">The lines of mountinfo.</param>
    /// <param name="controllers">What the groups of a folder of version 2 can bound.</param>
    /// <exception cref="SandboxException">There is none with memory, pids and cpu.</exception>
    public static ControlHierarchy Read(IEnumerable<string> mounts, Func<string, IReadOnlyList<string>> controllers)
    {
        var versionOne = new Dictionary<string, string>();
        foreach (string line in mounts)
        {
            // "25 23 0:22 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory"
            int end = line.IndexOf(" - ", StringComparison.Ordinal);
            string[] mount = line.Split(' ');
            string[] kind = end < 0 ? [] : line[(end + 3)..].Split(' ');
            if (mount.Length < 5 || kind.Length < 3)
            {
                continue;
            }

            if (kind[0] == "cgroup2" && s_needed.All(controllers(mount[4]).Contains))
            {
                return new ControlHierarchy(true, [mount[4]]);
            }

            foreach (string controller in kind[0] == "cgroup" ? kind[2].Split(',') : [])
            {
                versionOne.TryAdd(controller, mount[4]);
            }
        }

        string[] missing = [.. s_needed.Where(controller => !versionOne.ContainsKey(controller))];
        return missing.Length == 0
            ? new ControlHierarchy(false, [.. s_needed.Select(controller => versionOne[controller]).Distinct()])
            : throw new SandboxException(
                SandboxFailures.ControlGroups,
                $"no control groups are mounted that bound {string.Join(", ", missing)}"
            );
    }

    private static string[] ControllersOf(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cgroup.subtree_control")).Split((char[])[' ', '\n']);
        }
        catch (IOException)
        {
            return [];
        }
    }
}
