namespace Ocx.State.Clones;

/// <summary>A clone that follows its source until it is taken. Its owner asks one thing of it at a time.</summary>
/// <param name="maker">Who made it.</param>
public abstract class WarmClone(CloneMaker maker) : IAsyncDisposable
{
    /// <summary>How long the source may take to be caught up with when nobody waits for the clone.</summary>
    private protected static readonly TimeSpan CheckPatience = TimeSpan.FromSeconds(1);

    /// <summary>Where a shadow will find it, once it is taken.</summary>
    public abstract CloneAddress Address { get; }

    /// <summary>When it was last known to have all that its source had.</summary>
    public DateTimeOffset CaughtUp { get; private protected set; }

    /// <summary>The end of its server's log.</summary>
    private protected abstract string Output { get; }

    /// <summary>Looks whether it still follows its source, and notes when it has caught up.</summary>
    /// <exception cref="CloneException">
    /// <see cref="CloneFailure.CloneDied"/>: it is of no use any more. Another: not now.
    /// </exception>
    public virtual Task CheckAsync(CancellationToken cancellation) => CatchUpAsync(CheckPatience, cancellation);

    /// <summary>
    /// Has it catch up, cuts it off its source, and makes it writable. It is the result's from then on; when this
    /// fails it is of no use any more, save where its lag is too great or its source is down.
    /// </summary>
    /// <exception cref="CloneException">It cannot be taken, and why.</exception>
    public async Task<TakenClone> TakeAsync(CancellationToken cancellation)
    {
        TimeSpan maxLag = maker.Limits.MaxLag;
        try
        {
            await CatchUpAsync(maxLag, cancellation).ConfigureAwait(false);
        }
        catch (CloneException error)
            when (error.Failure is CloneFailure.SourceDown or CloneFailure.LagTooGreat
                && DateTimeOffset.UtcNow - CaughtUp <= maxLag
            )
        {
            // What it has is young enough.
        }

        return await GuardedAsync(() => CutOffAsync(cancellation), cancellation).ConfigureAwait(false);
    }

    /// <summary>Ends it, and takes all of it away.</summary>
    public abstract ValueTask DisposeAsync();

    /// <summary>Waits until it has all that the source has at this moment.</summary>
    /// <exception cref="CloneException">It does not get there in time, and why.</exception>
    internal abstract Task CatchUpAsync(TimeSpan patience, CancellationToken cancellation);

    /// <summary>Cuts it off its source, and makes it writable.</summary>
    private protected abstract Task<TakenClone> CutOffAsync(CancellationToken cancellation);

    /// <summary>Whether a call to its server, and not this program, ends in such an error.</summary>
    private protected abstract bool IsOfServer(Exception error);

    /// <summary>Does something with its server, whose error means that the clone is of no use.</summary>
    private protected async Task<T> GuardedAsync<T>(Func<Task<T>> work, CancellationToken cancellation)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception error) when (IsOfServer(error) && !cancellation.IsCancellationRequested)
        {
            throw new CloneException(
                CloneFailure.CloneDied,
                $"a clone of {maker.Source} failed: {error.Message}; {Output}",
                error
            );
        }
    }

    /// <summary>Says that it is too far behind.</summary>
    private protected CloneException IsBehind() =>
        new(CloneFailure.LagTooGreat, $"a clone of {maker.Source} is behind since {CaughtUp:O}: {Output}");

    /// <summary>True when nothing but the end of its process is amiss.</summary>
    internal static bool IsFinal(CloneException error) =>
        error.Failure is not (CloneFailure.LagTooGreat or CloneFailure.SourceDown);
}
