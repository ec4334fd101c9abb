using System.Security.Cryptography;
using Ocx.Audit.Tokens;
using Ocx.Auditor.Options;

namespace Ocx.Auditor.Tokens;

/// <summary>
/// The keys of revert tokens in a file: base64, one a line. To rotate, put a new line first, and take the old one away
/// a day later.
/// </summary>
internal static class RevertKeyFile
{
    private const int Longest = 64 << 10;

    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Reads the keys.</summary>
    /// <exception cref="StartupException">They cannot be read, or are none.</exception>
    public static RevertKeyRing Load(string path)
    {
        try
        {
            if (new FileInfo(path).Length > Longest)
            {
                throw new StartupException($"the keys of revert tokens in {path} have more than {Longest} bytes");
            }

            IEnumerable<string> lines = File.ReadAllLines(path).Select(line => line.Trim());
            return new RevertKeyRing([
                .. lines
                    .Where(line => line.Length > 0)
                    .Select(line => (ReadOnlyMemory<byte>)Convert.FromBase64String(line)),
            ]);
        }
        catch (Exception wrong)
            when (wrong is IOException or UnauthorizedAccessException or FormatException or ArgumentException)
        {
            throw new StartupException($"the keys of revert tokens in {path} cannot be used: {wrong.Message}", wrong);
        }
    }

    /// <summary>The same; makes a key when there is no file, which only its owner may read.</summary>
    /// <exception cref="StartupException">They cannot be read or made, or are none.</exception>
    public static RevertKeyRing LoadOrCreate(string path)
    {
        if (!File.Exists(path))
        {
            Create(path);
        }

        return Load(path);
    }

    // Whole or not there: written beside it, and moved when it is on the disk. Who comes second takes the first's key.
    private static void Create(string path)
    {
        string beside = $"{path}.{Guid.NewGuid():n}";
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = Owner,
            };
            using (var file = new FileStream(beside, options))
            {
                byte[] key = RandomNumberGenerator.GetBytes(RevertKeyRing.MinKeyLength);
                file.Write(System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(key) + "\n"));
                file.Flush(flushToDisk: true);
            }

            File.Move(beside, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was faster.
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"the keys of revert tokens in {path} cannot be made: {wrong.Message}", wrong);
        }
        finally
        {
            File.Delete(beside);
        }
    }
}
