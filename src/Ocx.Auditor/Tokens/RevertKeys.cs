using System.Security.Cryptography;
using System.Text;
using Ocx.Audit.Tokens;
using Ocx.Auditor.Options;

namespace Ocx.Auditor.Tokens;

/// <summary>
/// The keys of revert tokens: those of the file that is named; with a ledger in PostgreSQL one that is made of the
/// ledger's own key, which all replicas have; else those beside the ledger.
/// </summary>
internal static class RevertKeys
{
    /// <summary>The keys.</summary>
    /// <exception cref="StartupException">They cannot be read or made, or are none.</exception>
    public static RevertKeyRing Of(AuditorOptions options) =>
        options.RevertKeys is { } file ? RevertKeyFile.Load(file)
        : options is { LedgerPostgres: not null, LedgerKey: { } key } ? new RevertKeyRing(Derived(key))
        : RevertKeyFile.LoadOrCreate(options.Ledger + ".revert-keys");

    // HKDF (RFC 5869): who knows the one key does not know the other.
    private static byte[] Derived(string ledgerKey)
    {
        try
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(File.ReadAllText(ledgerKey));
            byte[] secret = key.ExportParameters(includePrivateParameters: true).D!;
            return HKDF.DeriveKey(
                HashAlgorithmName.SHA256,
                secret,
                RevertKeyRing.MinKeyLength,
                info: Encoding.ASCII.GetBytes("ocx revert tokens")
            );
        }
        catch (Exception wrong)
            when (wrong is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
        {
            throw new StartupException($"the ledger's key {ledgerKey} cannot be used: {wrong.Message}", wrong);
        }
    }
}
