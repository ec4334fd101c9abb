using Microsoft.Win32.SafeHandles;

namespace Ocx.Sandbox.Files;

/// <summary>
/// All that is in an overlay's upper folder at a moment. A sandbox makes what it likes there, so folders are entered
/// one by one and no link is followed, and only so much is looked at.
/// </summary>
/// <param name="Files">What there is, by its path from the top.</param>
/// <param name="IsCut">There is more.</param>
internal sealed record WrittenFiles(IReadOnlyDictionary<string, FileStat> Files, bool IsCut)
{
    private const int MostFiles = 20_000;
    private const int DeepestFolder = 64;

    /// <summary>Looks at a folder.</summary>
    public static WrittenFiles Read(SafeFileHandle upper)
    {
        var files = new Dictionary<string, FileStat>(StringComparer.Ordinal);
        bool isWhole = Read(upper, string.Empty, files, DeepestFolder);
        return new WrittenFiles(files, !isWhole);
    }

    private static bool Read(SafeFileHandle folder, string path, Dictionary<string, FileStat> files, int depth)
    {
        bool isWhole = depth > 0;
        foreach (string name in isWhole ? NamesIn(folder) : [])
        {
            if (files.Count == MostFiles)
            {
                return false;
            }

            if (FileStat.Of(folder, name) is not { } stat)
            {
                // Gone since, or of a name that is no UTF-8.
                isWhole = false;
                continue;
            }

            string inside = $"{path}/{name}";
            files[inside] = stat;
            if (stat.IsFolder)
            {
                using SafeFileHandle? next = FileStat.OpenFolder(folder, name);
                isWhole &= next is not null && Read(next, inside, files, depth - 1);
            }
        }

        return isWhole;
    }

    private static IEnumerable<string> NamesIn(SafeFileHandle folder)
    {
        var options = new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = true };
        return Directory
            .EnumerateFileSystemEntries(FileStat.PathOf(folder), "*", options)
            .Select(entry => Path.GetFileName(entry));
    }
}
