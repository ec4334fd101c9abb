using System.Net;
using k8s.Autorest;
using k8s.LeaderElection;
using Ocx.Kube;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator.Runtime;

/// <summary>
/// A lock that tells the elector of a broken connection as of a refused attempt. The elector then tries again until its
/// renewal deadline, as client-go's elector does. Without this, KubernetesClient's elector takes a broken connection
/// for the end of the leadership, and the operator would restart each time an API server does.
/// </summary>
/// <param name="inner">The lock itself: a Lease.</param>
/// <param name="logger">Is told of each attempt that failed.</param>
internal sealed class RetryingLock(ILock inner, ILogger logger) : ILock
{
    /// <inheritdoc/>
    public string Identity => inner.Identity;

    /// <inheritdoc/>
    public async Task<LeaderElectionRecord> GetAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await inner.GetAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            logger.LeaderElectionFailed(exception.Shown());
            throw new HttpOperationException(exception.Message, exception)
            {
                Response = new HttpResponseMessageWrapper(
                    new HttpResponseMessage(HttpStatusCode.ServiceUnavailable),
                    string.Empty
                ),
            };
        }
    }

    /// <inheritdoc/>
    public Task<bool> CreateAsync(LeaderElectionRecord record, CancellationToken cancellationToken = default) =>
        TryAsync(inner.CreateAsync(record, cancellationToken));

    /// <inheritdoc/>
    public Task<bool> UpdateAsync(LeaderElectionRecord record, CancellationToken cancellationToken = default) =>
        TryAsync(inner.UpdateAsync(record, cancellationToken));

    /// <inheritdoc/>
    public string Describe() => inner.Describe();

    private async Task<bool> TryAsync(Task<bool> attempt)
    {
        try
        {
            return await attempt;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            logger.LeaderElectionFailed(exception.Shown());
            return false;
        }
    }
}
