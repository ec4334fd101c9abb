using System.Runtime.InteropServices;

namespace Ocx.Ledger;

/// <summary>
/// A file that only its owner may read, and that is there whole or not at all: of several processes that make it at
/// once, one does, and all then read what that one wrote.
/// </summary>
public static partial class NewSecretFile
{
    private const int Exists = 17; // EEXIST, include/uapi/asm-generic/errno-base.h

    /// <summary>Makes the file, unless there is one.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be made.</exception>
    public static void Create(string path, ReadOnlySpan<byte> content)
    {
        string beside = $"{path}.{Guid.NewGuid():n}";
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            };
            using (var file = new FileStream(beside, options))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            // File.Move looks first and renames then, so that a file which comes in between is replaced. A link is not
            // made over a file, link(2).
            if (Link(beside, path) != 0 && Marshal.GetLastPInvokeError() is var error and not Exists)
            {
                throw new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}");
            }
        }
        finally
        {
            File.Delete(beside);
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string from, string to);
}
