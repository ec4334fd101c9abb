using System.Security.Cryptography;

namespace Ocx.Audit.Ledger;

/// <summary>A key that signs heads and stubs: ECDSA on P-256 with SHA-256.</summary>
public sealed class LedgerSigningKey : IDisposable
{
    private readonly ECDsa _key;

    private LedgerSigningKey(ECDsa key)
    {
        _key = key;
        PublicKey = new LedgerPublicKey(ECDsa.Create(key.ExportParameters(includePrivateParameters: false)));
    }

    /// <summary>Its public half, owned by it.</summary>
    public LedgerPublicKey PublicKey { get; }

    /// <summary>Names the key.</summary>
    public string Id => PublicKey.Id;

    /// <summary>Makes a key.</summary>
    public static LedgerSigningKey Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>Reads a key.</summary>
    /// <param name="pem">A private key as PKCS#8 or SEC1.</param>
    /// <exception cref="CryptographicException">It is no private key on P-256.</exception>
    public static LedgerSigningKey FromPem(string pem)
    {
        ECDsa key = LedgerPublicKey.Import(pem);
        try
        {
            return new LedgerSigningKey(ECDsa.Create(key.ExportParameters(includePrivateParameters: true)));
        }
        finally
        {
            key.Dispose();
        }
    }

    /// <summary>The private key as PKCS#8. A secret.</summary>
    public string ExportPem() => _key.ExportPkcs8PrivateKeyPem();

    /// <summary>Signs; the signature is in DER, as openssl verifies it.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data) =>
        _key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    /// <inheritdoc/>
    public void Dispose()
    {
        _key.Dispose();
        PublicKey.Dispose();
    }
}
