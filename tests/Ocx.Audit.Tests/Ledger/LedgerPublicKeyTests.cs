using System.Security.Cryptography;
using Ocx.Audit.Ledger;

namespace Ocx.Audit.Tests.Ledger;

public sealed class LedgerPublicKeyTests
{
    [Fact]
    public void Keys_that_stand_one_after_the_other_are_all_read()
    {
        using LedgerSigningKey first = LedgerSigningKey.Create();
        using LedgerSigningKey second = LedgerSigningKey.Create();
        string text = $"# ours\n{first.PublicKey.ExportPem()}\n\n{second.PublicKey.ExportPem()}";
        IReadOnlyList<LedgerPublicKey> keys = LedgerPublicKey.AllFromPem(text);
        Assert.Equal([first.Id, second.Id], keys.Select(key => key.Id));
        Assert.All(keys, key => key.Dispose());
    }

    [Fact]
    public void One_that_is_none_makes_all_of_them_none()
    {
        using LedgerSigningKey right = LedgerSigningKey.Create();
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        string pem = right.PublicKey.ExportPem();
        Assert.Throws<CryptographicException>(() => LedgerPublicKey.AllFromPem(""));
        Assert.Throws<CryptographicException>(() =>
            LedgerPublicKey.AllFromPem($"{pem}\n{other.ExportSubjectPublicKeyInfoPem()}")
        );
    }
}
