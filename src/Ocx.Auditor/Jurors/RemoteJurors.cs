using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ocx.Api;
using Ocx.Audit.Jury;

namespace Ocx.Auditor.Jurors;

/// <summary>
/// Makes the jurors that are outside of the auditor. Their secrets are files, <c>NAME/KEY</c> in one folder, as a
/// cluster mounts Secrets.
/// </summary>
/// <param name="secrets">The folder; null for none.</param>
internal sealed class RemoteJurors(string? secrets)
{
    // Of a token or a key; and of a prompt.
    private const int LongestSecret = 64 << 10;

    /// <summary>Makes a juror.</summary>
    /// <exception cref="ArgumentException">What it needs is not there, or of no use; the message says what.</exception>
    public IJuror Create(V1Alpha1Juror juror) =>
        juror switch
        {
            { Webhook: { } webhook } => new WebhookJuror(juror.Name, Endpoint(webhook), webhook.Retries),
            { Model: { } model } => new ModelJuror(
                juror.Name,
                new JurorEndpoint(Address(model.Url)) { BearerToken = Token(model.ApiKeySecret) },
                [.. model.Models!],
                model.PromptConfigMap is { } prompt ? Read(prompt.Name, prompt.Key) : null
            ),
            _ => new PersonJuror(juror.Name),
        };

    private JurorEndpoint Endpoint(V1Alpha1WebhookJuror webhook)
    {
        var endpoint = new JurorEndpoint(Address(webhook.Url)) { BearerToken = Token(webhook.TokenSecret) };
        try
        {
            if (webhook.CaBundle is { } bundle)
            {
                var certificates = new X509Certificate2Collection();
                certificates.ImportFromPem(bundle);
                endpoint = endpoint with { CaBundle = certificates };
            }

            return webhook.ClientCertificateSecret is { } secret
                ? endpoint with
                {
                    ClientCertificate = X509Certificate2.CreateFromPem(
                        Read(secret, "tls.crt"),
                        Read(secret, "tls.key")
                    ),
                }
                : endpoint;
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

    // Read again for each question, as it may be rotated; looked at once now, so that one that is not there is said.
    private Func<string>? Token(V1Alpha1LocalKey? secret)
    {
        if (secret is null)
        {
            return null;
        }

        _ = Read(secret.Name, secret.Key);
        return () => Read(secret.Name, secret.Key).Trim();
    }

    private string Read(string? name, string? key)
    {
        if (secrets is null)
        {
            throw new ArgumentException($"it needs the secret {name}/{key}: give the folder that has it by --secrets");
        }

        if (!IsName(name) || !IsName(key))
        {
            throw new ArgumentException("a secret's name and key are of letters, digits, '-', '_' and '.'");
        }

        try
        {
            string path = Path.Combine(secrets, name!, key!);
            return new FileInfo(path).Length <= LongestSecret
                ? File.ReadAllText(path)
                : throw new ArgumentException($"{path} has more than {LongestSecret} bytes");
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"the secret {name}/{key} cannot be read: {wrong.Message}", wrong);
        }
    }

    // No name leads out of the folder.
    private static bool IsName(string? text) =>
        text is { Length: > 0 and <= 253 }
        && text is not ("." or "..")
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
