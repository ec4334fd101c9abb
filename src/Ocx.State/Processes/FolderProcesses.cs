using System.Globalization;

namespace Ocx.State.Processes;

/// <summary>
/// The processes that run in a folder, found by their working directories: PostgreSQL's and Redis's go into their
/// data's folder and stay there. So those that a killed predecessor left are found without a note of them.
/// </summary>
internal static class FolderProcesses
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    /// <summary>The numbers of the processes that run in a folder or below it.</summary>
    public static IReadOnlyList<int> Find(string folder)
    {
        var found = new List<int>();
        foreach (string path in Directory.EnumerateDirectories("/proc"))
        {
            if (
                int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out int process)
                && process != Environment.ProcessId
                && WorkingFolder(path) is { } at
                && (at == folder || at.StartsWith(folder + "/", StringComparison.Ordinal))
            )
            {
                found.Add(process);
            }
        }

        return found;
    }

    /// <summary>Kills all of them, and waits until they are gone.</summary>
    public static async Task EndAsync(string folder)
    {
        while (Find(folder) is { Count: > 0 } found)
        {
            foreach (int process in found)
            {
                _ = LibC.kill(process, LibC.SIGKILL);
            }

            await Task.Delay(s_pause).ConfigureAwait(false);
        }
    }

    // Of a folder that is gone, the kernel says "PATH (deleted)"; of a process that has ended, nothing.
    private static string? WorkingFolder(string process)
    {
        try
        {
            return new FileInfo(Path.Combine(process, "cwd")).LinkTarget?.Replace(
                " (deleted)",
                string.Empty,
                StringComparison.Ordinal
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
