using System.Security.Cryptography.X509Certificates;

namespace Ocx.Audit.Link;

/// <summary>Whom a program believes that it speaks to a part of the cluster.</summary>
public static class AuthorityTrust
{
    /// <summary>Trusts what a certificate authority of the cluster vouches for, and nothing else.</summary>
    /// <param name="authority">Its file, PEM.</param>
    public static X509ChainPolicy Only(string authority)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.ImportFromPemFile(authority);
        return policy;
    }
}
