using Ocx.Audit.Rehearsals;

namespace Ocx.State.Clones;

/// <summary>
/// A clone out of a pool. When it is given back, the pool makes a warm one of it again, or throws it away.
/// </summary>
public sealed class PooledClone : IAsyncDisposable
{
    private readonly TakenClone _clone;
    private readonly Func<TakenClone, Task> _giveBack;
    private int _isBack;

    internal PooledClone(TakenClone clone, Func<TakenClone, Task> giveBack) => (_clone, _giveBack) = (clone, giveBack);

    /// <inheritdoc cref="TakenClone.Address"/>
    public CloneAddress Address => _clone.Address;

    /// <inheritdoc cref="TakenClone.Lag"/>
    public TimeSpan Lag => _clone.Lag;

    /// <inheritdoc cref="TakenClone.Taken"/>
    public DateTimeOffset Taken => _clone.Taken;

    /// <inheritdoc cref="TakenClone.BeginAsync"/>
    public Task BeginAsync(CancellationToken cancellation) => _clone.BeginAsync(cancellation);

    /// <inheritdoc cref="TakenClone.ReadEffectsAsync"/>
    public Task<StateEffects> ReadEffectsAsync(CancellationToken cancellation) => _clone.ReadEffectsAsync(cancellation);

    /// <summary>Gives it back; waits until it is gone only when the pool itself is.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isBack, 1) == 0)
        {
            await _giveBack(_clone).ConfigureAwait(false);
        }
    }
}
