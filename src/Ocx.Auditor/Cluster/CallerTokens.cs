using Grpc.Core;
using k8s.Autorest;
using Microsoft.Net.Http.Headers;
using Ocx.Api;
using Ocx.Auditor.Intake;
using Ocx.Auditor.Listening;
using Ocx.Auditor.Options;
using Ocx.Auditor.Pods;
using Ocx.Kube;
using Ocx.Text;
using Status = Grpc.Core.Status;

namespace Ocx.Auditor.Cluster;

/// <summary>
/// Lets in agents and gates alone, and each for its own node: by a token of the agents' or the gates' ServiceAccount
/// that is bound to its pod and of the auditor's audience. The API server says so (TokenReview), and on which node the
/// pod is.
/// </summary>
/// <param name="reviews">Asks the API server.</param>
/// <param name="pods">The pods, where the token does not name the node.</param>
/// <param name="readiness">Nobody is let in before the cluster's audits are known.</param>
/// <param name="options">Names the accounts.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
internal sealed class CallerTokens(
    TokenReviews reviews,
    Informer<PodObject> pods,
    Readiness readiness,
    ClusterOptions options,
    TimeProvider time,
    ILogger<CallerTokens> log
) : ICallerAccess
{
    private const string Bearer = "Bearer ";

    private readonly TokenBucket _logged = new(10, TimeSpan.FromSeconds(10), time);

    /// <inheritdoc/>
    public TimeSpan LongestStream => options.LongestStream;

    /// <inheritdoc/>
    public async ValueTask<string?> NodeOfAsync(HttpContext http, Caller caller, CancellationToken cancellation)
    {
        if (http.CameBy() != Entrance.Agents)
        {
            throw Refused(http, StatusCode.PermissionDenied, "in a cluster agents report over TLS, and not here");
        }

        if ((caller == Caller.Gate ? options.Gates : options.Agents) is not { } account)
        {
            throw Refused(http, StatusCode.PermissionDenied, "gates are let in when --gates names their account");
        }

        if (!readiness.IsReady)
        {
            throw NotYet("the cluster's audits and pods are not read yet");
        }

        string header = http.Request.Headers[HeaderNames.Authorization].ToString();
        if (!header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            throw Refused(http, StatusCode.Unauthenticated, "there is no bearer token");
        }

        TokenOwner owner =
            await ReviewAsync(header[Bearer.Length..].Trim(), cancellation)
            ?? throw Refused(
                http,
                StatusCode.Unauthenticated,
                $"the token is none that is valid for the audience {OcxApi.AuditorAudience}"
            );
        return NodeOf(http, owner, account);
    }

    private string NodeOf(HttpContext http, TokenOwner owner, ServiceAccount account)
    {
        if (owner.User != account.User)
        {
            throw Refused(
                http,
                StatusCode.PermissionDenied,
                $"the token is of {owner.User}, and not of {account.User}"
            );
        }

        if (owner is not { Pod: { } name, PodUid: { } uid })
        {
            throw Refused(http, StatusCode.PermissionDenied, "the token is not bound to a pod");
        }

        if (owner.Node is { } node)
        {
            return node;
        }

        // The API server took the token, so the pod is there; the watch may have yet to tell of it.
        PodObject? pod = pods.Find($"{account.Namespace}/{name}");
        return pod?.Metadata.Uid == uid && pod.Spec?.NodeName is { Length: > 0 } place
            ? place
            : throw NotYet($"the node of the pod {WireText.Escape(name, 253)} is not known yet");
    }

    private async Task<TokenOwner?> ReviewAsync(string token, CancellationToken cancellation)
    {
        try
        {
            return await reviews.ReviewAsync(token, cancellation);
        }
#pragma warning disable CA1031 // Whatever went wrong: nobody is let in, and the caller comes again.
        catch (Exception wrong) when (!cancellation.IsCancellationRequested)
#pragma warning restore CA1031
        {
            if (_logged.TryTake())
            {
                log.CallersNotProved(
                    wrong is HttpOperationException refused
                        ? new ApiException(refused.Response.StatusCode, refused.Response.Content ?? "").Message
                        : wrong.Shown()
                );
            }

            throw NotYet("the API server could not be asked about the token");
        }
    }

    private RpcException Refused(HttpContext http, StatusCode code, string why)
    {
        if (_logged.TryTake())
        {
            log.CallerRefused($"{http.Connection.RemoteIpAddress}", WireText.Escape(why, 512));
        }

        return new RpcException(new Status(code, WireText.Escape(why, 512)));
    }

    private static RpcException NotYet(string why) => new(new Status(StatusCode.Unavailable, why));
}
