using Npgsql;
using Ocx.Audit.Rehearsals;
using Ocx.State.Clones;

namespace Ocx.State.Postgres;

/// <summary>What was noted when a clone was taken.</summary>
/// <param name="Address">Where it is found.</param>
/// <param name="Schema">The schema for this program's notes in it.</param>
/// <param name="Fingerprint">The fingerprint of its catalog.</param>
/// <param name="At">When it was cut off.</param>
/// <param name="Lag">How far it was behind.</param>
internal sealed record PostgresTaking(
    CloneAddress Address,
    string Schema,
    string Fingerprint,
    DateTimeOffset At,
    TimeSpan Lag
);

/// <summary>A promoted clone of PostgreSQL.</summary>
internal sealed class PostgresTakenClone(
    PostgresCloneMaker maker,
    PostgresPrograms programs,
    StandbyFiles files,
    StandbyServer server,
    PostgresTaking taking
) : TakenClone(maker)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private string _fingerprint = taking.Fingerprint;
    private bool _isStopped;
    private bool _isReused;

    /// <inheritdoc/>
    public override CloneAddress Address => taking.Address;

    /// <inheritdoc/>
    public override TimeSpan Lag => taking.Lag;

    /// <inheritdoc/>
    public override DateTimeOffset Taken => taking.At;

    /// <inheritdoc/>
    private protected override string Output => server.Output;

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (!_isStopped)
        {
            await server.DisposeAsync().ConfigureAwait(false);
        }

        if (!_isReused)
        {
            await maker.DeleteAsync(files).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    internal override async Task<WarmClone?> ReuseAsync(CancellationToken cancellation)
    {
        if (!programs.CanRewind)
        {
            return null;
        }

        bool isClean = await server.StopAsync(s_patience).ConfigureAwait(false);
        await server.DisposeAsync().ConfigureAwait(false);
        _isStopped = true;
        WarmClone? again = isClean
            ? await maker.RewindAsync(programs, files, cancellation).ConfigureAwait(false)
            : null;
        _isReused = again is not null;
        return again;
    }

    /// <inheritdoc/>
    private protected override async Task ForgetAsync(CancellationToken cancellation)
    {
        await Effects.ForgetAsync(cancellation).ConfigureAwait(false);
        _fingerprint = await CatalogFingerprint.TakeAsync(server.Session, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    private protected override async Task<StateEffects> ReadAsync(CancellationToken cancellation)
    {
        string now = await CatalogFingerprint.TakeAsync(server.Session, cancellation).ConfigureAwait(false);
        StateEffects effects = await Effects
            .ReadAsync(maker.Source, now != _fingerprint, cancellation)
            .ConfigureAwait(false);
        return effects with { Lag = taking.Lag };
    }

    /// <inheritdoc/>
    private protected override bool IsOfServer(Exception error) =>
        error is NpgsqlException or IOException or InvalidOperationException;

    private DecodedEffects Effects => new(server.Session, taking.Schema, maker.Limits);
}
