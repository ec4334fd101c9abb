using System.Diagnostics;

namespace Ocx.Kernel.Tests.Gate;

/// <summary>A control group with processes, which end with it.</summary>
internal sealed class PodGroup : IDisposable
{
    private readonly string _pod;
    private readonly string _folder;
    private readonly string _top;
    private readonly List<Process> _processes = [];

    public PodGroup(string pod, string container)
    {
        string root = Directory.Exists("/sys/fs/cgroup/unified") ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup";
        _top = Path.Combine(root, $"ocx-test-{Environment.ProcessId}");
        _pod = Path.Combine(_top, pod);
        _folder = Path.Combine(_pod, container);
        Directory.CreateDirectory(_folder);
    }

    public void Start(string program, params IEnumerable<string> arguments) =>
        // The shell puts itself into the group, and becomes the program.
        _processes.Add(
            Process.Start(
                "sh",
                ["-c", "echo $$ > \"$0\" && exec \"$@\"", Path.Combine(_folder, "cgroup.procs"), program, .. arguments]
            )
        );

    public void Dispose()
    {
        foreach (Process process in _processes)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }
        // Files of a control group cannot be removed, its folders can: the innermost first.
        foreach (
            string folder in Directory
                .EnumerateDirectories(_top, "*", SearchOption.AllDirectories)
                .OrderByDescending(folder => folder.Length)
                .Append(_top)
                .ToArray()
        )
        {
            Remove(folder);
        }
    }

    // The last process of a group may be gone a moment before the kernel lets the group go.
    private static void Remove(string folder)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                Directory.Delete(folder);
                return;
            }
            catch (IOException) when (Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(10))
            {
                Thread.Sleep(1);
            }
        }
    }
}
