using System.Globalization;
using System.Net.Sockets;

namespace Ocx.State.Redis;

/// <summary>
/// What a clone would replicate, from the moment on that it stands alone: it is asked as a replica asks (PSYNC), and
/// goes on from its backlog. When that ends, or was not to be had, every key may have been touched.
/// </summary>
internal sealed class ReplicationStream : IAsyncDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(1);

    private readonly RespConnection _connection;
    private readonly CancellationTokenSource _stop = new();
    private readonly long _start;
    private readonly Task _reading;
    private bool _isBroken;

    private ReplicationStream(RespConnection connection, TouchedKeys touched, long? end)
    {
        (_connection, Touched) = (connection, touched);
        _isBroken = end is null;
        _start = (end ?? 0) - connection.Reader.Count;
        _reading = end is null ? Task.CompletedTask : Task.Run(ReadAsync);
    }

    /// <summary>What its commands have to do with.</summary>
    public TouchedKeys Touched { get; }

    /// <summary>Opens it.</summary>
    /// <param name="server">The clone's server, which stands alone.</param>
    /// <param name="at">Where its stream ends now.</param>
    /// <param name="touched">Gets the commands.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<ReplicationStream> OpenAsync(
        RedisServer server,
        RedisInfo at,
        TouchedKeys touched,
        CancellationToken cancellation
    )
    {
        RespConnection connection = await server.ConnectAsync(cancellation).ConfigureAwait(false);
        try
        {
            long end = at.Number("master_repl_offset");
            RespValue answer = await connection
                .AskAsync(cancellation, "PSYNC", at["master_replid"], (end + 1).ToString(CultureInfo.InvariantCulture))
                .ConfigureAwait(false);
            if (!answer.Text.StartsWith("CONTINUE", StringComparison.Ordinal))
            {
                connection.Dispose(); // it would send all that it holds
                return new ReplicationStream(connection, touched, null);
            }

            return new ReplicationStream(connection, touched, end);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Waits until all that the clone would replicate now was read.</summary>
    public async Task ReachAsync(long end, CancellationToken cancellation)
    {
        while (!Volatile.Read(ref _isBroken) && _start + _connection.Reader.Count < end)
        {
            await Task.Delay(s_pause, cancellation).ConfigureAwait(false);
        }

        if (Volatile.Read(ref _isBroken))
        {
            Touched.TouchEverything();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        _connection.Dispose();
        _stop.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            while (true)
            {
                Touched.Note(await _connection.Reader.ReadAsync(_stop.Token).ConfigureAwait(false));
            }
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException)
        {
            Volatile.Write(ref _isBroken, true);
        }
    }
}
