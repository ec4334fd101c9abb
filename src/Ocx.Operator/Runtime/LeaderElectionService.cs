using k8s;
using k8s.LeaderElection;
using k8s.LeaderElection.ResourceLock;
using k8s.Models;
using Ocx.Kube;
using Ocx.Operator.Options;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator.Runtime;

/// <summary>
/// Leads when it holds the Lease. A replica whose lease is lost stops the process: nothing it still has in flight can
/// then run beside the next leader for long. A replica that is stopped gives the lease back, so the next one need not
/// wait for it to expire.
/// </summary>
internal sealed class LeaderElectionService(
    Kubernetes kubernetes,
    OperatorOptions options,
    Leadership leadership,
    OperatorMetrics metrics,
    AbandonedLease abandoned,
    IHostApplicationLifetime lifetime,
    ILogger<LeaderElectionService> logger
) : BackgroundService
{
    /// <summary>The Lease that the leader holds.</summary>
    public const string LeaseName = "ocx-operator";

    /// <summary>How often a leader renews it.</summary>
    public static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(2);

    private readonly ExponentialBackoff _backoff = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var identity = $"{Environment.MachineName}_{Guid.NewGuid():N}";
        await abandoned.FreeAsync(stoppingToken);
        for (var failures = 0; !stoppingToken.IsCancellationRequested; failures++)
        {
            // Ten seconds without a renewal make a leader: a killed one is followed within about fourteen.
            var lease = new RetryingLock(new LeaseLock(kubernetes, options.Namespace, LeaseName, identity), logger);
            using var elector = new LeaderElector(
                new LeaderElectionConfig(lease)
                {
                    LeaseDuration = TimeSpan.FromSeconds(10),
                    RenewDeadline = TimeSpan.FromSeconds(7),
                    RetryPeriod = RetryPeriod,
                }
            );
            elector.OnStartedLeading += () =>
            {
                metrics.Leader.Set(1);
                logger.LeadershipAcquired(identity);
                leadership.Acquire();
            };
            try
            {
                await elector.RunUntilLeadershipLostAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                logger.LeaderElectionFailed(exception.Shown());
            }

            // An elector that is stopped while it renews ends without an exception. It has lost nothing.
            if (stoppingToken.IsCancellationRequested)
            {
                break;
            }

            if (leadership.Acquired.IsCompleted)
            {
                metrics.Leader.Set(0);
                logger.LeadershipLost(identity);
                Environment.ExitCode = 1;
                lifetime.StopApplication();
                return;
            }

            await Task.Delay(_backoff.Delay(failures), stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (leadership.Acquired.IsCompleted)
        {
            await ReleaseAsync(identity);
        }
    }

    private async Task ReleaseAsync(string identity)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            // A renewal that was broken off may arrive between the two requests: then it is read again.
            while (!await TryReleaseAsync(identity, timeout.Token)) { }
        }
        catch (Exception exception)
            when (exception is k8s.Autorest.HttpOperationException or HttpRequestException or OperationCanceledException
            )
        {
            logger.LeaderElectionFailed(exception.Shown());
        }
    }

    private async Task<bool> TryReleaseAsync(string identity, CancellationToken cancellation)
    {
        var lease = await kubernetes.CoordinationV1.ReadNamespacedLeaseAsync(
            LeaseName,
            options.Namespace,
            cancellationToken: cancellation
        );
        if (lease.Spec.HolderIdentity != identity)
        {
            return true;
        }

        lease.Spec = new V1LeaseSpec
        {
            HolderIdentity = string.Empty,
            LeaseDurationSeconds = 1,
            AcquireTime = DateTime.UtcNow,
            RenewTime = DateTime.UtcNow,
            LeaseTransitions = lease.Spec.LeaseTransitions,
        };
        try
        {
            await kubernetes.CoordinationV1.ReplaceNamespacedLeaseAsync(
                lease,
                LeaseName,
                options.Namespace,
                cancellationToken: cancellation
            );
        }
        catch (k8s.Autorest.HttpOperationException conflict)
            when (conflict.Response.StatusCode == System.Net.HttpStatusCode.Conflict)
        {
            return false;
        }

        logger.LeaseReleased(identity);
        return true;
    }
}
