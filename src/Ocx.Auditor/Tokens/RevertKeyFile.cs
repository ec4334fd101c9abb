using System.Security.Cryptography;
using System.Text;
using Ocx.Audit.Tokens;
using Ocx.Auditor.Options;
using Ocx.Ledger;

namespace Ocx.Auditor.Tokens;

/// <summary>
/// The keys of revert tokens in a file: base64, one a line. To rotate, put a new line first, and take the old one away
/// a day later.
/// </summary>
internal static class RevertKeyFile
{
    private const int Longest = 64 << 10;

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

    private static void Create(string path)
    {
        byte[] key = RandomNumberGenerator.GetBytes(RevertKeyRing.MinKeyLength);
        try
        {
            NewSecretFile.Create(path, Encoding.ASCII.GetBytes(Convert.ToBase64String(key) + "\n"));
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"the keys of revert tokens in {path} cannot be made: {wrong.Message}", wrong);
        }
    }
}
