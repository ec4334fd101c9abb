using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Ocx.Operator.Certificates;

/// <summary>By what agents, and people, reach the auditor's Service.</summary>
/// <param name="Service">Its name.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Address">Its cluster IP.</param>
internal sealed record ServerNames(string Service, string Namespace, string Address)
{
    private IEnumerable<string> Dns => [Service, $"{Service}.{Namespace}", $"{Service}.{Namespace}.svc"];

    /// <summary>The certificate's extension that has them.</summary>
    public X509Extension ToExtension()
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in Dns)
        {
            names.AddDnsName(name);
        }

        names.AddIpAddress(IPAddress.Parse(Address));
        return names.Build();
    }

    /// <summary>Whether a certificate has these names and no others.</summary>
    public bool AreOf(X509Certificate2 certificate)
    {
        var extension = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SingleOrDefault();
        return extension is not null
            && extension.EnumerateDnsNames().ToHashSet().SetEquals(Dns)
            && extension.EnumerateIPAddresses().ToHashSet().SetEquals([IPAddress.Parse(Address)]);
    }
}
