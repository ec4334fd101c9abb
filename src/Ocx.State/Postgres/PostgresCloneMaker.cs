using Npgsql;
using Ocx.State.Clones;

namespace Ocx.State.Postgres;

/// <summary>
/// Makes clones of a PostgreSQL server, 12 or later: a base backup that becomes a standby, which streams from the
/// source until it is taken.
/// </summary>
public sealed class PostgresCloneMaker : CloneMaker
{
    private static readonly TimeSpan s_rewind = TimeSpan.FromSeconds(30);

    // A source that has written nothing since a segment of its log began, as after a copy: a clone that is wound back
    // would wait for its next record, as it takes the page's header for one.
    private const ulong SmallestSegment = 1 << 20;
    private const ulong NoRecord = 0x60;

    private readonly CloneFolder _folder;

    /// <summary>Makes none yet.</summary>
    /// <exception cref="ArgumentException">A name has a quotation mark or a line's end.</exception>
    public PostgresCloneMaker(PostgresSource source, CloneFolder folder, CloneLimits limits)
    {
        if ((source.Database + source.ShadowRole).AsSpan().IndexOfAny('"', '\n', '\r') >= 0)
        {
            throw new ArgumentException("a name of a role or database has a quotation mark or a line's end");
        }

        if (source.Password.AsSpan().IndexOfAny('\n', '\r') >= 0)
        {
            throw new ArgumentException("a password has a line's end, which PostgreSQL's programs cannot read");
        }

        (PostgresSource, _folder, Limits) = (source, folder, limits);
        Link = new SourceLink(source, limits.AnswerTimeout);
    }

    /// <inheritdoc/>
    public override string Source => PostgresSource.Name;

    /// <inheritdoc/>
    public override CloneLimits Limits { get; }

    internal PostgresSource PostgresSource { get; }

    internal SourceLink Link { get; }

    /// <inheritdoc/>
    public override async Task<WarmClone> MakeAsync(CancellationToken cancellation)
    {
        (_, Version version) = await Link.AskAsync(cancellation).ConfigureAwait(false);
        PostgresPrograms programs = PostgresPrograms.Find(PostgresSource, version);
        string path = _folder.Add();
        try
        {
            var files = new StandbyFiles(PostgresSource, path, _folder.User);
            await BaseBackup
                .CopyAsync(PostgresSource, programs, files, _folder, Limits, cancellation)
                .ConfigureAwait(false);
            return await FollowAsync(programs, files, cancellation).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            bool isFull = _folder.FreeBytes < BaseBackup.Room / 4;
            await _folder.DeleteAsync(path).ConfigureAwait(false);
            throw error switch
            {
                CloneException { Failure: CloneFailure.CloneDied or CloneFailure.TooSlow } or IOException when isFull =>
                    BaseBackup.Full(PostgresSource),
                NpgsqlException or IOException => new CloneException(
                    CloneFailure.CloneDied,
                    $"a clone of {Source} failed: {error.Message}",
                    error
                ),
                _ => error,
            };
        }
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => Link.DisposeAsync();

    /// <summary>Starts a standby, and waits until it has all that the source has.</summary>
    internal async Task<WarmClone> FollowAsync(
        PostgresPrograms programs,
        StandbyFiles files,
        CancellationToken cancellation
    )
    {
        StandbyServer server = await StandbyServer
            .StartAsync(PostgresSource, programs, files, _folder.User, Limits, cancellation)
            .ConfigureAwait(false);
        var clone = new PostgresWarmClone(this, programs, files, server);
        try
        {
            await ClonePreparation.CheckRoleAsync(server.Session, PostgresSource, cancellation).ConfigureAwait(false);
            await clone.CatchUpAsync(Limits.CopyTimeout, cancellation).ConfigureAwait(false);
            return clone;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    internal Task DeleteAsync(StandbyFiles files) => _folder.DeleteAsync(files.Folder);

    /// <summary>Winds a stopped clone back to where it parted from the source, and has it follow again.</summary>
    /// <returns>The clone; null when it has to be copied anew.</returns>
    internal async Task<WarmClone?> RewindAsync(
        PostgresPrograms programs,
        StandbyFiles files,
        CancellationToken cancellation
    )
    {
        // A source that no longer has the log since they parted would be waited for.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_rewind);
        (NpgsqlTypes.NpgsqlLogSequenceNumber end, _) = await Link.AskAsync(limit.Token).ConfigureAwait(false);
        if ((ulong)end % SmallestSegment < NoRecord)
        {
            return null;
        }

        files.WriteSecret();
        return await Rewind.RunAsync(PostgresSource, programs, files, _folder.User, limit.Token).ConfigureAwait(false)
            ? await FollowAsync(programs, files, limit.Token).ConfigureAwait(false)
            : null;
    }
}
