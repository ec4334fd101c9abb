namespace Ocx.State.Clones;

/// <summary>Makes clones of one source.</summary>
public abstract class CloneMaker : IAsyncDisposable
{
    /// <summary>The source's name.</summary>
    public abstract string Source { get; }

    /// <summary>What a clone may cost.</summary>
    public abstract CloneLimits Limits { get; }

    /// <summary>Copies the source, and makes a clone that follows it.</summary>
    /// <exception cref="CloneException">There is none, and why.</exception>
    public abstract Task<WarmClone> MakeAsync(CancellationToken cancellation);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
