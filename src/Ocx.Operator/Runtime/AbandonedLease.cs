using System.Net;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using Ocx.Kube;
using Ocx.Operator.Options;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator.Runtime;

/// <summary>
/// Frees a Lease whose holder is gone. An operator gives its lease back when it stops, but not when the release goes:
/// its rights are gone before it is. The next one would wait until the lease expires. It need not where the holder's
/// pod is not there any more, and has not renewed the lease for a while.
/// </summary>
internal sealed class AbandonedLease(Kubernetes kubernetes, OperatorOptions options, ILogger<AbandonedLease> logger)
{
    // Twice as long as a leader needs to renew it.
    private static readonly TimeSpan s_silence = 2 * LeaderElectionService.RetryPeriod;

    private const int Looks = 3;

    /// <summary>Whether operators run in pods. Elsewhere a holder has none, and lives.</summary>
    public bool HoldersArePods { get; init; } = KubernetesClientConfiguration.IsInCluster();

    /// <summary>
    /// Frees it, if it is abandoned. What goes wrong is logged, and the lease expires in its own time.
    /// </summary>
    public async Task FreeAsync(CancellationToken cancellationToken)
    {
        try
        {
            for (var look = 0; HoldersArePods && look < Looks; look++)
            {
                var wait = await LookAsync(cancellationToken);
                if (wait <= TimeSpan.Zero)
                {
                    return;
                }

                await Task.Delay(wait, cancellationToken);
            }
        }
        catch (HttpOperationException missing) when (missing.Response.StatusCode == HttpStatusCode.NotFound)
        {
            // Nobody has led here.
        }
        catch (Exception exception)
            when (exception is HttpOperationException or HttpRequestException or JsonException or FormatException)
        {
            logger.LeaderElectionFailed(exception.Shown());
        }
    }

    // How long to wait until the holder has been silent for long enough.
    private async Task<TimeSpan> LookAsync(CancellationToken cancellationToken)
    {
        var lease = await kubernetes.CoordinationV1.ReadNamespacedLeaseAsync(
            LeaderElectionService.LeaseName,
            options.Namespace,
            cancellationToken: cancellationToken
        );
        if (
            lease.Spec is not { HolderIdentity: { Length: > 0 } holder, RenewTime: { } renewed }
            || await HasPodAsync(holder, cancellationToken)
        )
        {
            return TimeSpan.Zero;
        }

        // A clock that is ahead of this one makes nobody wait for longer than the lease itself would.
        var wait = s_silence - (DateTime.UtcNow - renewed);
        if (wait > TimeSpan.Zero)
        {
            return wait < s_silence ? wait : s_silence;
        }

        // With the version that was read: should the holder live after all, one of the two is refused.
        lease.Spec.HolderIdentity = string.Empty;
        await kubernetes.CoordinationV1.ReplaceNamespacedLeaseAsync(
            lease,
            LeaderElectionService.LeaseName,
            options.Namespace,
            cancellationToken: cancellationToken
        );
        logger.LeaseFreed(holder);
        return TimeSpan.Zero;
    }

    // A pod's host name is its name.
    private async Task<bool> HasPodAsync(string holder, CancellationToken cancellationToken)
    {
        var pods = await kubernetes.CoreV1.ListNamespacedPodAsync(
            options.Namespace,
            fieldSelector: $"metadata.name={holder.Split('_')[0]}",
            cancellationToken: cancellationToken
        );
        return pods.Items.Count > 0;
    }
}
