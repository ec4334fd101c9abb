using System.Net.Sockets;
using Ocx.State.Clones;

namespace Ocx.State.Redis;

/// <summary>
/// A connection to the source that asks it INFO: how large it is, which version, where its stream of commands ends. It
/// is kept, and made again when it breaks.
/// </summary>
internal sealed class RedisLink(RedisSource source, TimeSpan timeout) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private RespConnection? _connection;

    /// <summary>Asks for a section.</summary>
    /// <exception cref="CloneException">The source cannot be asked, and why.</exception>
    public async Task<RedisInfo> AskAsync(string section, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout);
        try
        {
            await _one.WaitAsync(limit.Token).ConfigureAwait(false);
            try
            {
                return await AskOnceAsync(section, limit.Token).ConfigureAwait(false);
            }
            finally
            {
                _one.Release();
            }
        }
        catch (RespException error)
        {
            throw new CloneException(
                error.Code == "NOPERM" ? CloneFailure.MissingPrivilege : CloneFailure.ReplicationRefused,
                $"{source.Name}: {error.Message}",
                error
            );
        }
        catch (Exception error)
            when (error is IOException or SocketException or OperationCanceledException
                && !cancellation.IsCancellationRequested
            )
        {
            throw new CloneException(
                CloneFailure.SourceDown,
                error is OperationCanceledException
                    ? $"{source.Name} did not answer within {timeout.TotalSeconds:0} s"
                    : $"{source.Name}: {error.Message}",
                error
            );
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _connection?.Dispose();
        _one.Dispose();
    }

    private async Task<RedisInfo> AskOnceAsync(string section, CancellationToken cancellation)
    {
        // A kept connection may have ended while nobody looked: the second try is on a new one.
        for (bool isKept = _connection is not null; ; isKept = false)
        {
            try
            {
                _connection ??= await ConnectAsync(cancellation).ConfigureAwait(false);
                return await RedisInfo.AskAsync(_connection, section, cancellation).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                _connection?.Dispose();
                _connection = null;
                if (!isKept || error is RespException || cancellation.IsCancellationRequested)
                {
                    throw;
                }
            }
        }
    }

    private async Task<RespConnection> ConnectAsync(CancellationToken cancellation)
    {
        RespConnection connection = await RespConnection
            .ConnectAsync(source.Host, source.Port, cancellation)
            .ConfigureAwait(false);
        try
        {
            if (source.Password is { } password)
            {
                await connection
                    .AskAsync(cancellation, source.User is { } user ? ["AUTH", user, password] : ["AUTH", password])
                    .ConfigureAwait(false);
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
