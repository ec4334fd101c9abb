using Ocx.Audit.Rehearsals;

namespace Ocx.State.Clones;

/// <summary>A clone that stands alone: what is done to it reaches nothing else.</summary>
public abstract class TakenClone : IAsyncDisposable
{
    /// <summary>Where a shadow finds it.</summary>
    public abstract CloneAddress Address { get; }

    /// <summary>How far it was behind its source when it was cut off.</summary>
    public abstract TimeSpan Lag { get; }

    /// <summary>When it was cut off.</summary>
    public abstract DateTimeOffset Taken { get; }

    /// <summary>Reads what has happened in it since it was taken: all that is committed.</summary>
    /// <exception cref="CloneException">It cannot be read, and why: never a part in place of the whole.</exception>
    public abstract Task<StateEffects> ReadEffectsAsync(CancellationToken cancellation);

    /// <summary>Makes a clone of it again that follows the source, where that is faster than a copy.</summary>
    /// <returns>The clone, or null when it has to be made anew; this one is to be thrown away in either case.</returns>
    internal virtual Task<WarmClone?> ReuseAsync(CancellationToken cancellation) => Task.FromResult<WarmClone?>(null);

    /// <summary>Ends it, and takes all of it away.</summary>
    public abstract ValueTask DisposeAsync();
}
