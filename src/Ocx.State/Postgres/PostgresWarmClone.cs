using System.Diagnostics;
using System.Security.Cryptography;
using Npgsql;
using NpgsqlTypes;
using Ocx.State.Clones;

namespace Ocx.State.Postgres;

/// <summary>A standby that streams from the source.</summary>
internal sealed class PostgresWarmClone : WarmClone
{
    private const int PasswordLength = 32;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(2);

    private readonly PostgresCloneMaker _maker;
    private readonly PostgresPrograms _programs;
    private readonly StandbyFiles _files;
    private readonly StandbyServer _server;
    private readonly string _password = RandomNumberGenerator.GetHexString(PasswordLength, lowercase: true);

    /// <summary>Holds a running standby.</summary>
    public PostgresWarmClone(
        PostgresCloneMaker maker,
        PostgresPrograms programs,
        StandbyFiles files,
        StandbyServer server
    )
        : base(maker) => (_maker, _programs, _files, _server) = (maker, programs, files, server);

    /// <inheritdoc/>
    public override CloneAddress Address => _server.Address(_maker.PostgresSource, _maker.Limits.Listen, _password);

    /// <inheritdoc/>
    private protected override string Output => _server.Output;

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync().ConfigureAwait(false);
        await _maker.DeleteAsync(_files).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    internal override async Task CatchUpAsync(TimeSpan patience, CancellationToken cancellation)
    {
        DateTimeOffset asked = DateTimeOffset.UtcNow;
        (NpgsqlLogSequenceNumber end, _) = await _maker.Link.AskAsync(cancellation).ConfigureAwait(false);
        long began = Stopwatch.GetTimestamp();
        while (!await GuardedAsync(() => HasReplayedAsync(end, cancellation), cancellation).ConfigureAwait(false))
        {
            if (Stopwatch.GetElapsedTime(began) > patience)
            {
                throw IsBehind();
            }

            await Task.Delay(s_pause, cancellation).ConfigureAwait(false);
        }

        CaughtUp = asked;
    }

    private async Task<bool> HasReplayedAsync(NpgsqlLogSequenceNumber end, CancellationToken cancellation)
    {
        await using var ask = new NpgsqlCommand("SELECT pg_last_wal_replay_lsn() >= $1::text::pg_lsn", _server.Session);
        ask.Parameters.Add(new NpgsqlParameter { Value = end.ToString() });
        return await ask.ExecuteScalarAsync(cancellation).ConfigureAwait(false) is true;
    }

    /// <inheritdoc/>
    private protected override async Task<TakenClone> CutOffAsync(CancellationToken cancellation)
    {
        NpgsqlConnection session = _server.Session;
        await ClonePreparation.CheckRoleAsync(session, _maker.PostgresSource, cancellation).ConfigureAwait(false);
        long began = Stopwatch.GetTimestamp();
        await AskAsync("SELECT pg_promote(false)").ConfigureAwait(false);
        DateTimeOffset taken = DateTimeOffset.UtcNow;
        while (await AskAsync("SELECT pg_is_in_recovery()").ConfigureAwait(false))
        {
            if (Stopwatch.GetElapsedTime(began) > _maker.Limits.AnswerTimeout)
            {
                throw new CloneException(CloneFailure.CloneDied, "a clone was not promoted in time");
            }

            await Task.Delay(s_pause, cancellation).ConfigureAwait(false);
        }

        _files.CutOff();
        await AskAsync("SELECT pg_reload_conf()").ConfigureAwait(false);
        string schema = $"ocx_{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
        await ClonePreparation
            .RunAsync(session, _maker.PostgresSource, schema, _password, cancellation)
            .ConfigureAwait(false);
        string fingerprint = await CatalogFingerprint.TakeAsync(session, cancellation).ConfigureAwait(false);
        return new PostgresTakenClone(
            _maker,
            _programs,
            _files,
            _server,
            new PostgresTaking(Address, schema, fingerprint, taken, taken - CaughtUp)
        );

        async Task<bool> AskAsync(string text)
        {
#pragma warning disable CA2100 // this program's own
            await using var ask = new NpgsqlCommand(text, session);
#pragma warning restore CA2100
            return await ask.ExecuteScalarAsync(cancellation).ConfigureAwait(false) is true;
        }
    }

    /// <inheritdoc/>
    private protected override bool IsOfServer(Exception error) =>
        error is NpgsqlException or IOException or InvalidOperationException;
}
