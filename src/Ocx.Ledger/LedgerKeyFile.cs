using System.Security.Cryptography;
using System.Text;
using Ocx.Audit.Ledger;

namespace Ocx.Ledger;

/// <summary>A signing key in a file of its own, which not everybody may read.</summary>
public static class LedgerKeyFile
{
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Reads the key; makes one, for its owner alone, when there is no file.</summary>
    /// <exception cref="LedgerException">
    /// The file cannot be read or made, holds no private key on P-256, or everybody has rights on it. Its group may:
    /// Kubernetes gives the group of a pod rights on what its volumes hold.
    /// </exception>
    public static async Task<LedgerSigningKey> LoadOrCreateAsync(string path, CancellationToken cancellation)
    {
        try
        {
            if (!File.Exists(path))
            {
                using LedgerSigningKey key = LedgerSigningKey.Create();
                NewSecretFile.Create(path, Encoding.ASCII.GetBytes(key.ExportPem() + "\n"));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new LedgerException($"the key {path} cannot be made: {error.Message}", error);
        }

        return await LoadAsync(path, cancellation).ConfigureAwait(false);
    }

    /// <summary>Reads the key.</summary>
    /// <exception cref="LedgerException">
    /// The file cannot be read, holds no private key on P-256, or everybody has rights on it.
    /// </exception>
    public static async Task<LedgerSigningKey> LoadAsync(string path, CancellationToken cancellation)
    {
        try
        {
            if ((File.GetUnixFileMode(path) & Others) != 0)
            {
                throw new LedgerException(
                    $"the key {path} can be read by everybody: chmod 600 it, or defaultMode: 0440 where it is mounted"
                );
            }

            return LedgerSigningKey.FromPem(await File.ReadAllTextAsync(path, cancellation).ConfigureAwait(false));
        }
        catch (CryptographicException wrong)
        {
            throw new LedgerException($"the key {path} is no private key on P-256 in PEM", wrong);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new LedgerException($"the key {path} cannot be read: {error.Message}", error);
        }
    }
}
