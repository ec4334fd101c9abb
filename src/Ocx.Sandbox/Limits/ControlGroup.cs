using System.Diagnostics;
using System.Globalization;
using Ocx.Sandbox.Failures;
using Ocx.Sandbox.Interop;

namespace Ocx.Sandbox.Limits;

/// <summary>
/// A control group that bounds memory, tasks and processor time of all processes of one sandbox: one folder of version
/// 2, or one for each controller of version 1 (the kernel's Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst).
/// </summary>
internal sealed class ControlGroup
{
    /// <summary>What the name of each begins with.</summary>
    public const string Prefix = "ocx-sandbox-";

    private const int PeriodMicroseconds = 100_000;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(5);

    private readonly bool _isUnified;

    private ControlGroup(bool isUnified, IReadOnlyList<string> folders)
    {
        _isUnified = isUnified;
        Folders = folders;
    }

    /// <summary>Its folders: a process joins by writing to <c>cgroup.procs</c> of each.</summary>
    public IReadOnlyList<string> Folders { get; }

    /// <summary>Makes one.</summary>
    /// <param name="id">The sandbox's name.</param>
    /// <param name="limits">What it may use.</param>
    /// <exception cref="SandboxException">This machine lets none be made.</exception>
    public static ControlGroup Create(string id, SandboxLimits limits)
    {
        var hierarchy = ControlHierarchy.Find();
        string name = Prefix + id;
        var group = new ControlGroup(
            hierarchy.IsUnified,
            [.. hierarchy.Folders.Select(folder => Path.Combine(folder, name))]
        );
        try
        {
            foreach (string folder in group.Folders)
            {
                Directory.CreateDirectory(folder);
            }

            group.Set(limits);
            return group;
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            group.Remove();
            throw new SandboxException(
                SandboxFailures.ControlGroups,
                $"no control group with memory, pids and cpu can be made in {hierarchy.Folders[0]}: {wrong.Message}",
                wrong
            );
        }
    }

    /// <summary>Ends and removes all whose names begin so: those of an auditor that is no more.</summary>
    public static void RemoveAll(string idPrefix)
    {
        var hierarchy = ControlHierarchy.Find();
        IEnumerable<string> names = hierarchy
            .Folders.SelectMany(root => Directory.EnumerateDirectories(root, Prefix + idPrefix + "*"))
            .Select(folder => Path.GetFileName(folder))
            .Distinct();
        foreach (string name in names)
        {
            var group = new ControlGroup(
                hierarchy.IsUnified,
                [.. hierarchy.Folders.Select(folder => Path.Combine(folder, name))]
            );
            group.EndAll();
            group.Remove();
        }
    }

    /// <summary>Did the kernel end a process of it, for want of memory?</summary>
    public bool WasOutOfMemory()
    {
        string file = _isUnified ? "memory.events" : "memory.oom_control";
        try
        {
            return File.ReadLines(Path.Combine(Folders[0], file))
                .Any(line =>
                    line.StartsWith("oom_kill ", StringComparison.Ordinal)
                    && line.AsSpan("oom_kill ".Length).Trim() is not "0"
                );
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Ends whatever still runs in it, and waits until that is gone, for some seconds at most.</summary>
    /// <returns>False when something does not end.</returns>
    public bool EndAll()
    {
        long start = Stopwatch.GetTimestamp();
        while (Processes() is { Length: > 0 } left)
        {
            if (Stopwatch.GetElapsedTime(start) > s_patience)
            {
                return false;
            }

            foreach (int process in left)
            {
                _ = LibC.kill(process, LibC.SIGKILL);
            }

            Thread.Sleep(s_step);
        }

        return true;
    }

    /// <summary>Removes it. All its processes are gone by then.</summary>
    public void Remove()
    {
        foreach (string folder in Folders)
        {
            TryRemove(folder);
        }
    }

    private int[] Processes()
    {
        try
        {
            return
            [
                .. File.ReadLines(Path.Combine(Folders[0], "cgroup.procs"))
                    .Select(line => int.Parse(line, CultureInfo.InvariantCulture))
                    // One that this process does not see has no number here.
                    .Where(process => process > 0),
            ];
        }
        catch (IOException)
        {
            return [];
        }
    }

    private void Set(SandboxLimits limits)
    {
        string memory = limits.Memory.ToString(CultureInfo.InvariantCulture);
        string tasks = limits.Tasks.ToString(CultureInfo.InvariantCulture);
        string quota = ((int)(limits.Cores * PeriodMicroseconds)).ToString(CultureInfo.InvariantCulture);
        if (_isUnified)
        {
            Write("memory.max", memory);
            Write("pids.max", tasks);
            Write("cpu.max", string.Create(CultureInfo.InvariantCulture, $"{quota} {PeriodMicroseconds}"));
            WriteIfThere("memory.swap.max", "0");
            // One process that is ended for want of memory ends all.
            WriteIfThere("memory.oom.group", "1");
            return;
        }

        Write("memory.limit_in_bytes", memory);
        WriteIfThere("memory.memsw.limit_in_bytes", memory);
        Write("pids.max", tasks);
        Write("cpu.cfs_period_us", PeriodMicroseconds.ToString(CultureInfo.InvariantCulture));
        Write("cpu.cfs_quota_us", quota);
    }

    private void Write(string file, string value)
    {
        string path = PathOf(file) ?? throw new IOException($"there is no {file}");
        File.WriteAllText(path, value);
    }

    private void WriteIfThere(string file, string value)
    {
        if (PathOf(file) is { } path)
        {
            File.WriteAllText(path, value);
        }
    }

    private string? PathOf(string file) =>
        Folders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    private static void TryRemove(string folder)
    {
        try
        {
            Directory.Delete(folder);
        }
        catch (IOException)
        {
            // It is no more, or has processes: those of another auditor's sandbox.
        }
    }
}
