using Ocx.Audit.Rehearsals;

namespace Ocx.State.Clones;

/// <summary>A clone that stands alone: what is done to it reaches nothing else.</summary>
/// <param name="maker">Who made it.</param>
public abstract class TakenClone(CloneMaker maker) : IAsyncDisposable
{
    /// <summary>Where a shadow finds it.</summary>
    public abstract CloneAddress Address { get; }

    /// <summary>How far it was behind its source when it was cut off.</summary>
    public abstract TimeSpan Lag { get; }

    /// <summary>When it was cut off.</summary>
    public abstract DateTimeOffset Taken { get; }

    /// <summary>The end of its server's log.</summary>
    private protected abstract string Output { get; }

    /// <summary>
    /// Forgets what has happened in it so far: a server writes when it starts, and that is none of a call's effects.
    /// </summary>
    /// <exception cref="CloneException">It cannot be told from then on what happens.</exception>
    public async Task BeginAsync(CancellationToken cancellation) =>
        await ToldAsync(
                async () =>
                {
                    await ForgetAsync(cancellation).ConfigureAwait(false);
                    return true;
                },
                cancellation
            )
            .ConfigureAwait(false);

    /// <summary>
    /// Reads what has happened in it since it was taken, or <see cref="BeginAsync"/>: all that is committed.
    /// </summary>
    /// <exception cref="CloneException">It cannot be read, and why: never a part in place of the whole.</exception>
    public Task<StateEffects> ReadEffectsAsync(CancellationToken cancellation) =>
        ToldAsync(() => ReadAsync(cancellation), cancellation);

    /// <summary>Ends it, and takes all of it away.</summary>
    public abstract ValueTask DisposeAsync();

    /// <summary>Makes a clone of it again that follows the source, where that is faster than a copy.</summary>
    /// <returns>The clone, or null when it has to be made anew; this one is to be thrown away in either case.</returns>
    internal virtual Task<WarmClone?> ReuseAsync(CancellationToken cancellation) => Task.FromResult<WarmClone?>(null);

    /// <inheritdoc cref="BeginAsync"/>
    private protected abstract Task ForgetAsync(CancellationToken cancellation);

    /// <inheritdoc cref="ReadEffectsAsync"/>
    private protected abstract Task<StateEffects> ReadAsync(CancellationToken cancellation);

    /// <summary>Whether a call to its server, and not this program, ends in such an error.</summary>
    private protected abstract bool IsOfServer(Exception error);

    private async Task<T> ToldAsync<T>(Func<Task<T>> ask, CancellationToken cancellation)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (Exception error) when (IsOfServer(error) && !cancellation.IsCancellationRequested)
        {
            throw new CloneException(
                CloneFailure.EffectsUnreadable,
                $"a clone of {maker.Source} does not tell its effects: {error.Message}; {Output}",
                error
            );
        }
    }
}
