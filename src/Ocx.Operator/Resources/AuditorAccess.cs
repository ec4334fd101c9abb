using k8s.Models;
using Ocx.Api;

namespace Ocx.Operator.Resources;

/// <summary>
/// What whoever speaks to the auditor is given: its address, whom to trust, and a token of its own that is good for
/// the auditor alone.
/// </summary>
/// <param name="Address">The auditor's URL.</param>
/// <param name="AuthoritySecret">
/// The Secret whose <c>ca.crt</c> is trusted; null for the operator's own ConfigMap.
/// </param>
internal sealed record AuditorAccess(string Address, string? AuthoritySecret)
{
    private const string AuthorityVolume = "auditor-ca";
    private const string AuthorityFolder = "/etc/ocx/auditor";
    private const string TokenVolume = "auditor-token";
    private const string TokenFolder = "/var/run/secrets/ocx-auditor";

    /// <summary>Its settings.</summary>
    public IEnumerable<V1EnvVar> Environment =>
        [
            new() { Name = "OCX_AUDITOR", Value = Address },
            new() { Name = "OCX_AUDITOR_CA", Value = $"{AuthorityFolder}/{AuditorNames.AuthorityKey}" },
            new() { Name = "OCX_AUDITOR_TOKEN", Value = $"{TokenFolder}/token" },
        ];

    /// <summary>Where it finds the files.</summary>
    public static IList<V1VolumeMount> Mounts =>
        [
            new()
            {
                Name = AuthorityVolume,
                MountPath = AuthorityFolder,
                ReadOnlyProperty = true,
            },
            new()
            {
                Name = TokenVolume,
                MountPath = TokenFolder,
                ReadOnlyProperty = true,
            },
        ];

    /// <summary>The files. Nobody waits for an auditor: what is trusted may come later.</summary>
    public IList<V1Volume> Volumes =>
        [
            AuthoritySecret is { } secret
                ? new()
                {
                    Name = AuthorityVolume,
                    // The key beside it is not for them.
                    Secret = new V1SecretVolumeSource
                    {
                        SecretName = secret,
                        Items = Authority,
                        Optional = true,
                    },
                }
                : new()
                {
                    Name = AuthorityVolume,
                    ConfigMap = new V1ConfigMapVolumeSource
                    {
                        Name = AuditorNames.Authority,
                        Items = Authority,
                        Optional = true,
                    },
                },
            new()
            {
                Name = TokenVolume,
                Projected = new V1ProjectedVolumeSource
                {
                    Sources =
                    [
                        new V1VolumeProjection
                        {
                            ServiceAccountToken = new V1ServiceAccountTokenProjection
                            {
                                Audience = OcxApi.AuditorAudience,
                                ExpirationSeconds = 3600,
                                Path = "token",
                            },
                        },
                    ],
                },
            },
        ];

    private static IList<V1KeyToPath> Authority =>
        [new() { Key = AuditorNames.AuthorityKey, Path = AuditorNames.AuthorityKey }];
}
