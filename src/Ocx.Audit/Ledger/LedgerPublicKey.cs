using System.Security.Cryptography;

namespace Ocx.Audit.Ledger;

/// <summary>The public half: it tells whether a signature is right. For one thread at a time.</summary>
public sealed class LedgerPublicKey : IDisposable
{
    private readonly ECDsa _key;

    internal LedgerPublicKey(ECDsa key)
    {
        _key = key;
        Spki = key.ExportSubjectPublicKeyInfo();
        Id = Convert.ToHexStringLower(SHA256.HashData(Spki));
    }

    /// <summary>Names the key: SHA-256 over its SubjectPublicKeyInfo, lower-case hexadecimal.</summary>
    public string Id { get; }

    internal byte[] Spki { get; }

    /// <summary>Reads a key.</summary>
    /// <param name="pem">A public key as SubjectPublicKeyInfo.</param>
    /// <exception cref="CryptographicException">It is no key on P-256.</exception>
    public static LedgerPublicKey FromPem(string pem)
    {
        using ECDsa key = Import(pem);
        return new LedgerPublicKey(ECDsa.Create(key.ExportParameters(includePrivateParameters: false)));
    }

    /// <summary>Reads all keys of a text.</summary>
    /// <param name="pem">Public keys as SubjectPublicKeyInfo, one after the other.</param>
    /// <exception cref="CryptographicException">There is none, or one of them is no key on P-256.</exception>
    public static IReadOnlyList<LedgerPublicKey> AllFromPem(string pem)
    {
        var keys = new List<LedgerPublicKey>();
        try
        {
            for (ReadOnlySpan<char> rest = pem; keys.Count == 0 || PemEncoding.TryFind(rest, out _); )
            {
                PemFields fields = PemEncoding.TryFind(rest, out PemFields found)
                    ? found
                    : throw new CryptographicException("no key in PEM");
                keys.Add(FromPem(rest[fields.Location].ToString()));
                rest = rest[fields.Location.End..];
            }

            return keys;
        }
        catch
        {
            keys.ForEach(key => key.Dispose());
            throw;
        }
    }

    /// <summary>The key as PEM.</summary>
    public string ExportPem() => _key.ExportSubjectPublicKeyInfoPem();

    /// <summary>Is the signature, in DER, right?</summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        try
        {
            return _key.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    internal static LedgerPublicKey? TryRead(ReadOnlySpan<byte> spki)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(spki, out _);
            if (IsP256(key))
            {
                return new LedgerPublicKey(key);
            }
        }
        catch (CryptographicException)
        {
            // Said below.
        }

        key.Dispose();
        return null;
    }

    internal static ECDsa Import(string pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return IsP256(key) ? key : throw new CryptographicException("no key on P-256");
        }
        catch (Exception wrong)
        {
            key.Dispose();
            throw wrong is ArgumentException ? new CryptographicException("no key in PEM", wrong) : wrong;
        }
    }

    private static bool IsP256(ECDsa key) =>
        key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value;
}
