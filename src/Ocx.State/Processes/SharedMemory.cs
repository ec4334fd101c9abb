using System.Globalization;

namespace Ocx.State.Processes;

/// <summary>
/// The segment of System V shared memory by which PostgreSQL sees that a data folder is in use. A server that is killed
/// leaves it behind.
/// </summary>
internal static class SharedMemory
{
    private const int SegmentLine = 6;

    /// <summary>Removes the segment that a data folder's <c>postmaster.pid</c> names; its 7th line is "key id".</summary>
    public static void Remove(string dataFolder)
    {
        try
        {
            string[] lines = File.ReadAllLines(Path.Combine(dataFolder, "postmaster.pid"));
            string[] segment = lines.Length > SegmentLine
                ? lines[SegmentLine].Split(' ', StringSplitOptions.RemoveEmptyEntries)
                : [];
            if (segment.Length == 2 && int.TryParse(segment[1], CultureInfo.InvariantCulture, out int id))
            {
                _ = LibC.shmctl(id, LibC.IPC_RMID, 0);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended as it should, and taken both away.
        }
    }
}
