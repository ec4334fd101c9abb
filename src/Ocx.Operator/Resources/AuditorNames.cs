namespace Ocx.Operator.Resources;

/// <summary>What the chart calls the auditor's objects, and where agents find what they need of them.</summary>
internal static class AuditorNames
{
    /// <summary>The auditor's StatefulSet, Service and account.</summary>
    public const string Auditor = "ocx-tap-auditor";

    /// <summary>Selects the auditor's StatefulSet.</summary>
    public const string Selector = "app.kubernetes.io/name=ocx-auditor";

    /// <summary>The port that agents come to.</summary>
    public const int Port = 9443;

    /// <summary>
    /// The Secret with the certificate authority and its key, and the ConfigMap with the certificates that agents
    /// trust.
    /// </summary>
    public const string Authority = "ocx-tap-auditor-ca";

    /// <summary>The Secret with the auditor's certificate and its key.</summary>
    public const string Server = "ocx-tap-auditor-tls";

    /// <summary>The key of a certificate authority in a Secret or ConfigMap.</summary>
    public const string AuthorityKey = "ca.crt";
}
