using System.Security.Cryptography;
using System.Text;
using k8s;
using k8s.Models;
using Ocx.Api;

namespace Ocx.Auditor.Cluster;

/// <summary>Whose token it is, as the API server says.</summary>
/// <param name="User">The account, <c>system:serviceaccount:NAMESPACE:NAME</c>.</param>
/// <param name="Pod">The pod that the token is bound to; null for none.</param>
/// <param name="PodUid">The same pod's uid.</param>
/// <param name="Node">The pod's node, where the API server tells it (Kubernetes 1.30).</param>
internal sealed record TokenOwner(string User, string? Pod, string? PodUid, string? Node);

/// <summary>Has the API server review tokens, and remembers what it said for a moment.</summary>
/// <param name="kubernetes">The API server.</param>
/// <param name="time">The clock.</param>
internal sealed class TokenReviews(Kubernetes kubernetes, TimeProvider time) : IDisposable
{
    private const int MostRemembered = 4096,
        MostAtOnce = 8,
        LongestToken = 16 << 10;

    private const string PodName = "authentication.kubernetes.io/pod-name",
        PodUid = "authentication.kubernetes.io/pod-uid",
        NodeName = "authentication.kubernetes.io/node-name";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly Remembered<TokenOwner> _good = new(MostRemembered, TimeSpan.FromMinutes(1), time);
    private readonly Remembered<bool> _bad = new(MostRemembered, TimeSpan.FromSeconds(10), time);
    private readonly SemaphoreSlim _atOnce = new(MostAtOnce);

    /// <summary>Whose token it is; null when it is none that is valid for the auditor.</summary>
    /// <exception cref="TimeoutException">The API server does not answer, or too many tokens wait.</exception>
    /// <exception cref="Exception">The API server could not be asked.</exception>
    public async Task<TokenOwner?> ReviewAsync(string token, CancellationToken cancellation)
    {
        // What is no JSON Web Token does not trouble the API server.
        if (
            token.Length > LongestToken
            || token.Split('.', 4) is not [{ Length: > 0 }, { Length: > 0 }, { Length: > 0 }]
        )
        {
            return null;
        }

        string key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        if (_good.TryGet(key, out TokenOwner? owner))
        {
            return owner;
        }

        if (_bad.TryGet(key, out _))
        {
            return null;
        }

        owner = await AskAsync(token, cancellation);
        if (owner is null)
        {
            _bad.Set(key, true);
        }
        else
        {
            _good.Set(key, owner);
        }

        return owner;
    }

    /// <inheritdoc/>
    public void Dispose() => _atOnce.Dispose();

    private async Task<TokenOwner?> AskAsync(string token, CancellationToken cancellation)
    {
        if (!await _atOnce.WaitAsync(s_patience, cancellation))
        {
            throw new TimeoutException("too many tokens wait for their review");
        }

        try
        {
            var review = new V1TokenReview
            {
                Spec = new V1TokenReviewSpec { Token = token, Audiences = [OcxApi.AuditorAudience] },
            };
            V1TokenReviewStatus status = (
                await kubernetes
                    .AuthenticationV1.CreateTokenReviewAsync(review, cancellationToken: cancellation)
                    .WaitAsync(s_patience, time, cancellation)
            ).Status;

            // An API server that knows of no audiences names none, and would take the token of anybody.
            return
                status is { Authenticated: true, User.Username: { } user }
                && status.Audiences?.Contains(OcxApi.AuditorAudience) == true
                ? new TokenOwner(user, Extra(status, PodName), Extra(status, PodUid), Extra(status, NodeName))
                : null;
        }
        finally
        {
            _atOnce.Release();
        }
    }

    private static string? Extra(V1TokenReviewStatus status, string name) =>
        status.User.Extra?.TryGetValue(name, out IList<string>? values) == true && values is [{ } value] ? value : null;
}
