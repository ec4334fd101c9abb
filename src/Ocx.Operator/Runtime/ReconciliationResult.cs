namespace Ocx.Operator.Runtime;

/// <summary>The outcome of a reconciliation, and when to come back.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
/// <param name="IsSuccess">It succeeded.</param>
/// <param name="RequeueAfter">
/// When to reconcile again though nothing changed; null for not at all, or, on failure, for the queue's backoff.
/// </param>
/// <param name="ErrorMessage">What failed.</param>
public readonly record struct ReconciliationResult<TEntity>(
    bool IsSuccess,
    TimeSpan? RequeueAfter,
    string? ErrorMessage
)
{
    /// <summary>It succeeded.</summary>
    /// <param name="requeueAfter">When to come back though nothing changed.</param>
    /// <returns>The result.</returns>
    internal static ReconciliationResult<TEntity> Success(TimeSpan? requeueAfter = null) =>
        new(true, requeueAfter, null);

    /// <summary>It failed.</summary>
    /// <param name="message">What failed.</param>
    /// <param name="requeueAfter">When to try again; the queue's backoff decides when null.</param>
    /// <returns>The result.</returns>
    internal static ReconciliationResult<TEntity> Failure(string message, TimeSpan? requeueAfter = null) =>
        new(false, requeueAfter, message);
}
