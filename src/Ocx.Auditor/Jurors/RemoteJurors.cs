using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ocx.Api;
using Ocx.Audit.Jury;

namespace Ocx.Auditor.Jurors;

/// <summary>Makes the jurors that are outside of the auditor.</summary>
/// <param name="secrets">What they need besides; it is asked for each question, as it may be rotated.</param>
internal sealed class RemoteJurors(IJurorSecrets secrets)
{
    private const string CertificateKey = "tls.crt",
        PrivateKey = "tls.key";

    /// <summary>What a juror needs beside the audit.</summary>
    public static IEnumerable<JurorSecret> SecretsOf(V1Alpha1Juror juror)
    {
        ArgumentNullException.ThrowIfNull(juror);
        if (juror.Webhook?.ClientCertificateSecret is { } certificate)
        {
            yield return new(JurorSecret.Secret, certificate, CertificateKey);
            yield return new(JurorSecret.Secret, certificate, PrivateKey);
        }

        if ((juror.Webhook?.TokenSecret ?? juror.Model?.ApiKeySecret) is { Name: { } token, Key: { } key })
        {
            yield return new(JurorSecret.Secret, token, key);
        }

        if (juror.Model?.PromptConfigMap is { Name: { } prompt, Key: { } promptKey })
        {
            yield return new(JurorSecret.ConfigMap, prompt, promptKey);
        }
    }

    /// <summary>Makes a juror.</summary>
    /// <exception cref="ArgumentException">What it needs is not there, or of no use; the message says what.</exception>
    public IJuror Create(V1Alpha1Juror juror)
    {
        if (secrets.AreThereFromTheStart)
        {
            foreach (JurorSecret secret in SecretsOf(juror))
            {
                _ = secrets.Read(secret);
            }
        }

        return juror switch
        {
            { Webhook: { } webhook } => new WebhookJuror(juror.Name, Endpoint(webhook), webhook.Retries),
            { Model: { } model } => new ModelJuror(
                juror.Name,
                new JurorEndpoint(Address(model.Url)) { BearerToken = Token(model.ApiKeySecret) },
                [.. model.Models!],
                Prompt(model.PromptConfigMap)
            ),
            _ => new PersonJuror(juror.Name),
        };
    }

    private JurorEndpoint Endpoint(V1Alpha1WebhookJuror webhook)
    {
        var endpoint = new JurorEndpoint(Address(webhook.Url)) { BearerToken = Token(webhook.TokenSecret) };
        if (webhook.CaBundle is { } bundle)
        {
            endpoint = endpoint with { CaBundle = Certificates(bundle) };
        }

        if (webhook.ClientCertificateSecret is not { } name)
        {
            return endpoint;
        }

        var certificate = new ClientCertificate(() =>
            (Read(JurorSecret.Secret, name, CertificateKey), Read(JurorSecret.Secret, name, PrivateKey))
        );
        if (secrets.AreThereFromTheStart)
        {
            _ = certificate.Current();
        }

        return endpoint with
        {
            ClientCertificate = certificate.Current,
        };
    }

    private static X509Certificate2Collection Certificates(string pem)
    {
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(pem);
            return certificates;
        }
        catch (CryptographicException wrong)
        {
            throw new ArgumentException($"its certificates cannot be read: {wrong.Message}", wrong);
        }
    }

    private static Uri Address(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out Uri? address)
            ? address
            : throw new ArgumentException("url is no absolute URL");

    private Func<string>? Token(V1Alpha1LocalKey? secret) =>
        secret is null ? null : () => Read(JurorSecret.Secret, secret.Name, secret.Key).Trim();

    private Func<string>? Prompt(V1Alpha1LocalKey? map) =>
        map is null ? null : () => Read(JurorSecret.ConfigMap, map.Name, map.Key);

    private string Read(string kind, string? name, string? key) =>
        secrets.Read(new JurorSecret(kind, name ?? string.Empty, key ?? string.Empty));
}
