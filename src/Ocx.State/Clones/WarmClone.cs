namespace Ocx.State.Clones;

/// <summary>A clone that follows its source until it is taken. Its owner asks one thing of it at a time.</summary>
public abstract class WarmClone : IAsyncDisposable
{
    /// <summary>Where a shadow will find it, once it is taken.</summary>
    public abstract CloneAddress Address { get; }

    /// <summary>When it was last known to have all that its source had.</summary>
    public DateTimeOffset CaughtUp { get; protected set; }

    /// <summary>Looks whether it still follows its source, and notes when it has caught up.</summary>
    /// <exception cref="CloneException">
    /// <see cref="CloneFailure.CloneDied"/>: it is of no use any more. Another: not now.
    /// </exception>
    public abstract Task CheckAsync(CancellationToken cancellation);

    /// <summary>
    /// Has it catch up, cuts it off its source, and makes it writable. It is the result's from then on; when this
    /// fails it is of no use any more, save where its lag is too great or its source is down.
    /// </summary>
    /// <exception cref="CloneException">It cannot be taken, and why.</exception>
    public abstract Task<TakenClone> TakeAsync(CancellationToken cancellation);

    /// <summary>Ends it, and takes all of it away.</summary>
    public abstract ValueTask DisposeAsync();

    /// <summary>True when nothing but the end of its process is amiss.</summary>
    internal static bool IsFinal(CloneException error) =>
        error.Failure is not (CloneFailure.LagTooGreat or CloneFailure.SourceDown);
}
