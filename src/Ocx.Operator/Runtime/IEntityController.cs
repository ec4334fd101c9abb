using k8s;
using k8s.Models;

namespace Ocx.Operator.Runtime;

/// <summary>
/// Brings the cluster to what an entity asks for. The shape is KubeOps', so that moving there stays a small change.
/// </summary>
/// <typeparam name="TEntity">The kind.</typeparam>
public interface IEntityController<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>
    /// Called when the entity, or something that belongs to it, changed; and again until it succeeds.
    /// </summary>
    /// <param name="entity">The entity as the informer last saw it; not to be changed.</param>
    /// <param name="cancellationToken">Ends with the process or the leadership.</param>
    /// <returns>The outcome.</returns>
    Task<ReconciliationResult<TEntity>> ReconcileAsync(TEntity entity, CancellationToken cancellationToken);

    /// <summary>Called when the entity is gone.</summary>
    /// <param name="name">Its name; of a kind that all namespaces have, <c>NAMESPACE/NAME</c>.</param>
    /// <param name="cancellationToken">Ends with the process or the leadership.</param>
    /// <returns>The outcome.</returns>
    Task<ReconciliationResult<TEntity>> DeletedAsync(string name, CancellationToken cancellationToken);
}
