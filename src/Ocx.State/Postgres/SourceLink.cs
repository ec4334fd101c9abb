using System.Net.Sockets;
using Npgsql;
using Npgsql.Replication;
using NpgsqlTypes;
using Ocx.State.Clones;

namespace Ocx.State.Postgres;

/// <summary>
/// A replication connection to the source that asks where its log ends (IDENTIFY_SYSTEM): so it is known what a clone
/// lacks, with no right but that to replicate. It is kept, and made again when it breaks.
/// </summary>
internal sealed class SourceLink(PostgresSource source, TimeSpan timeout) : IAsyncDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private PhysicalReplicationConnection? _connection;

    /// <summary>Where the source's log ends now, and what version it is.</summary>
    /// <exception cref="CloneException">The source cannot be asked, and why.</exception>
    public async Task<(NpgsqlLogSequenceNumber End, Version Version)> AskAsync(CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout);
        try
        {
            await _one.WaitAsync(limit.Token).ConfigureAwait(false);
            try
            {
                return await AskOnceAsync(limit.Token).ConfigureAwait(false);
            }
            finally
            {
                _one.Release();
            }
        }
        catch (Exception error)
            when (error is NpgsqlException or IOException or SocketException or OperationCanceledException
                && !cancellation.IsCancellationRequested
            )
        {
            throw Explain(error);
        }
    }

    /// <summary>What an error of the source means.</summary>
    public CloneException Explain(Exception error) =>
        error switch
        {
            // Class 28: not the right password, or no rule of pg_hba.conf. 53300: no sender is free.
            PostgresException { SqlState: ['2', '8', ..] or "53300" } refused => new CloneException(
                CloneFailure.ReplicationRefused,
                $"{source.Name} refuses replication: {refused.MessageText}",
                refused
            ),
            PostgresException { SqlState: "42501" } lacking => new CloneException(
                CloneFailure.MissingPrivilege,
                $"{source.Name}: {lacking.MessageText}",
                lacking
            ),
            PostgresException { SqlState: "3D000" } missing => new CloneException(
                CloneFailure.RoleMissing,
                $"{source.Name}: {missing.MessageText}",
                missing
            ),
            OperationCanceledException => new CloneException(
                CloneFailure.SourceDown,
                $"{source.Name} did not answer within {timeout.TotalSeconds:0} s",
                error
            ),
            _ => new CloneException(CloneFailure.SourceDown, $"{source.Name}: {error.Message}", error),
        };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await DropAsync().ConfigureAwait(false);
        _one.Dispose();
    }

    private async Task<(NpgsqlLogSequenceNumber, Version)> AskOnceAsync(CancellationToken cancellation)
    {
        // A kept connection may have ended while nobody looked: the second try is on a new one.
        for (bool isKept = _connection is not null; ; isKept = false)
        {
            try
            {
                if (_connection is null)
                {
                    _connection = new PhysicalReplicationConnection(source.ConnectionString(timeout));
                    await _connection.Open(cancellation).ConfigureAwait(false);
                }

                ReplicationSystemIdentification system = await _connection
                    .IdentifySystem(cancellation)
                    .ConfigureAwait(false);
                return (system.XLogPos, _connection.PostgreSqlVersion);
            }
            catch (Exception)
            {
                await DropAsync().ConfigureAwait(false);
                if (!isKept || cancellation.IsCancellationRequested)
                {
                    throw;
                }
            }
        }
    }

    private async Task DropAsync()
    {
        if (_connection is { } old)
        {
            _connection = null;
            await old.DisposeAsync().ConfigureAwait(false);
        }
    }
}
