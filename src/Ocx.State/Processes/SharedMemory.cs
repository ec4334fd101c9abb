using System.Globalization;

namespace Ocx.State.Processes;

/// <summary>
/// The segment of System V shared memory by which PostgreSQL sees that a data folder is in use. A server that is killed
/// leaves it behind.
/// </summary>
internal static class SharedMemory
{
    private const int SegmentLine = 6;

    // /proc/sysvipc/shm: key shmid perms size cpid lpid nattch uid ...
    private const int IdColumn = 1;
    private const int AttachedColumn = 6;
    private const int UserColumn = 7;

    /// <summary>
    /// Removes the segment that a data folder's <c>postmaster.pid</c> names (its 7th line is "key id"), if it is the
    /// clones' user's and nobody uses it.
    /// </summary>
    public static void Remove(string dataFolder, RunAs user)
    {
        string note = Path.Combine(dataFolder, "postmaster.pid");
        if (!File.Exists(note))
        {
            return; // it has ended as it should, and taken both away
        }

        string[] lines = File.ReadAllLines(note);
        string[] segment = lines.Length > SegmentLine ? Columns(lines[SegmentLine]) : [];
        string owner = user.User.ToString(CultureInfo.InvariantCulture);
        if (
            segment.Length == 2
            && int.TryParse(segment[1], CultureInfo.InvariantCulture, out int id)
            && File.ReadLines("/proc/sysvipc/shm")
                .Select(Columns)
                .Any(row =>
                    row.Length > UserColumn
                    && row[IdColumn] == segment[1]
                    && row[AttachedColumn] == "0"
                    && row[UserColumn] == owner
                )
        )
        {
            _ = LibC.shmctl(id, LibC.IPC_RMID, 0);
        }
    }

    private static string[] Columns(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
