using System.Net;
using Ocx.Audit.Rehearsals;
using Ocx.Auditor.Rehearsing;
using Ocx.Sandbox.Networks;
using Ocx.Sandbox.Pooling;
using Ocx.State.Clones;

namespace Ocx.Auditor.Shadows;

/// <summary>The clones that one shadow works on: one of each source.</summary>
internal sealed class ShadowClones : IAsyncDisposable
{
    private readonly List<PooledClone> _clones = [];

    private ShadowClones() { }

    /// <summary>Takes one of each.</summary>
    /// <param name="pools">The sources, and where their clones come from.</param>
    /// <param name="cancellation">Stops waiting for them.</param>
    /// <exception cref="CloneException">There is none of one of them, and why.</exception>
    public static async Task<Attachment<ShadowClones>> TakeAsync(
        IReadOnlyList<(StateSource Source, ClonePool Pool)> pools,
        CancellationToken cancellation
    )
    {
        var clones = new ShadowClones();
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        var forwards = new List<CloneForward>();
        try
        {
            foreach ((StateSource source, ClonePool pool) in pools)
            {
                PooledClone clone = await pool.TakeAsync(cancellation);
                clones._clones.Add(clone);
                variables[source.Variable] = Url(source, clone.Address);
                forwards.Add(
                    new CloneForward(clone.Address.Port, new IPEndPoint(clone.Address.Address, clone.Address.Port))
                );
            }

            return new Attachment<ShadowClones>(clones, variables, forwards);
        }
        catch
        {
            await clones.DisposeAsync();
            throw;
        }
    }

    /// <summary>What is done to them from now on counts.</summary>
    /// <exception cref="CloneException">It could not be read.</exception>
    public Task BeginAsync(CancellationToken cancellation) =>
        Task.WhenAll(_clones.Select(clone => clone.BeginAsync(cancellation)));

    /// <summary>Reads what was done to them since then.</summary>
    /// <param name="called">When the call was made: a clone's age counts as a part of its lag.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="CloneException">It cannot be read.</exception>
    public async Task<IReadOnlyList<StateEffects>> ReadEffectsAsync(
        DateTimeOffset called,
        CancellationToken cancellation
    ) =>
        await Task.WhenAll(
            _clones.Select(async clone =>
                await clone.ReadEffectsAsync(cancellation) with
                {
                    Lag = clone.Lag + (called > clone.Taken ? called - clone.Taken : TimeSpan.Zero),
                }
            )
        );

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (PooledClone clone in _clones)
        {
            await clone.DisposeAsync();
        }
    }

    // Redis' databases have numbers, which a clone's address does not know.
    private static string Url(StateSource source, CloneAddress address) =>
        source is { Kind: StateKind.Redis, Database: { } number } ? $"{address.Url}/{number}" : address.Url;
}
