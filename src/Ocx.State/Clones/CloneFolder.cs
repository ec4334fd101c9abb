using System.Globalization;
using Ocx.State.Processes;

namespace Ocx.State.Clones;

/// <summary>
/// The folder in which one process keeps its clones, each in a folder of its own. It holds data of the sources: only
/// its owner can look into it.
/// </summary>
public sealed class CloneFolder : IDisposable
{
    // A Unix socket's path has at most 107 bytes: the longest of a clone's is "/c-1000000/s/.s.PGSQL.65535".
    private const int LongestPath = 107 - 28;

    private readonly FileStream _lock;
    private int _made;

    private CloneFolder(string path, RunAs user, FileStream held) => (Path, User, _lock) = (path, user, held);

    /// <summary>Its path.</summary>
    public string Path { get; }

    /// <summary>Whom the clones' processes run as.</summary>
    public RunAs User { get; }

    /// <summary>
    /// Opens or makes the folder, and takes away what a predecessor that was killed left there: processes, shared
    /// memory and files.
    /// </summary>
    /// <param name="path">Its path: at most 79 bytes, as Unix sockets lie in it.</param>
    /// <exception cref="IOException">Another process that lives uses it, or it cannot be made.</exception>
    /// <exception cref="ArgumentException">The path is too long.</exception>
    public static async Task<CloneFolder> OpenAsync(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        if (System.Text.Encoding.UTF8.GetByteCount(path) > LongestPath)
        {
            throw new ArgumentException($"the folder's path is longer than {LongestPath} bytes", nameof(path));
        }

        Directory.CreateDirectory(path);
        var held = new FileStream(
            System.IO.Path.Combine(path, "lock"),
            FileMode.OpenOrCreate,
            FileAccess.ReadWrite,
            FileShare.None
        );
        try
        {
            var folder = new CloneFolder(path, RunAs.Default, held);
            folder.Close(path);
            foreach (string left in Directory.GetDirectories(path))
            {
                await folder.DeleteAsync(left).ConfigureAwait(false);
            }

            return folder;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Makes a folder for a clone.</summary>
    internal string Add() =>
        User.MakeFolder(
            System.IO.Path.Combine(
                Path,
                string.Create(CultureInfo.InvariantCulture, $"c-{Interlocked.Increment(ref _made)}")
            )
        );

    /// <summary>Ends what runs in a clone's folder, and deletes it.</summary>
    internal async Task DeleteAsync(string clone)
    {
        await FolderProcesses.EndAsync(clone).ConfigureAwait(false);
        SharedMemory.Remove(System.IO.Path.Combine(clone, "data"), User);
        if (Directory.Exists(clone))
        {
            Directory.Delete(clone, recursive: true);
        }
    }

    /// <summary>The room on its disk, in bytes.</summary>
    internal long FreeBytes => new DriveInfo(Path).AvailableFreeSpace;

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    // Clones' processes pass through; nobody else but the owner sees what is there.
    private void Close(string path) =>
        File.SetUnixFileMode(
            path,
            UnixFileMode.UserRead
                | UnixFileMode.UserWrite
                | UnixFileMode.UserExecute
                | (User == RunAs.Default && User.User == LibC.geteuid() ? 0 : UnixFileMode.OtherExecute)
        );
}
