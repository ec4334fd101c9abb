using System.Net;
using k8s.Autorest;
using k8s.LeaderElection;

namespace Ocx.Operator.Runtime;

/// <summary>
/// A lock for which an API server that cannot be reached is one that refuses: the elector tries again until its deadline, as
/// client-go's does. To KubernetesClient's a broken connection is the end of the leadership, which would restart the operator
/// with every API server.
/// </summary>
internal sealed class PatientLock(ILock inner, ILogger logger) : ILock
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
            logger.LeaderElectionFailed(exception.Message);
            throw new HttpOperationException(exception.Message, exception)
            {
                Response = new HttpResponseMessageWrapper(new HttpResponseMessage(HttpStatusCode.ServiceUnavailable), string.Empty),
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
            logger.LeaderElectionFailed(exception.Message);
            return false;
        }
    }
}
