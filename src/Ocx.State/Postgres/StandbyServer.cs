using System.Net;
using Npgsql;
using Ocx.State.Clones;
using Ocx.State.Processes;

namespace Ocx.State.Postgres;

/// <summary>
/// The running server of a clone, and this program's own session in it, as a superuser by its socket.
/// </summary>
internal sealed class StandbyServer : IAsyncDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    private readonly OwnedProcess _process;
    private readonly ReservedPort _port;

    private StandbyServer(OwnedProcess process, ReservedPort port, NpgsqlConnection session) =>
        (_process, _port, Session) = (process, port, session);

    /// <summary>The session.</summary>
    public NpgsqlConnection Session { get; }

    /// <summary>Its port, on the address that clones listen on and for its socket.</summary>
    public int Port => _port.Port;

    /// <summary>True when it has ended.</summary>
    public bool HasEnded => _process.HasEnded;

    /// <summary>The end of its log.</summary>
    public string Output => _process.Output;

    /// <summary>Starts a standby of the files, and waits until it answers.</summary>
    /// <exception cref="CloneException">It does not run, and why.</exception>
    public static async Task<StandbyServer> StartAsync(
        PostgresSource source,
        PostgresPrograms programs,
        StandbyFiles files,
        RunAs user,
        CloneLimits limits,
        CancellationToken cancellation
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(limits.CopyTimeout);
        var port = new ReservedPort(limits.Listen);
        OwnedProcess? process = null;
        try
        {
            string control = await ControlDataAsync(programs, files, user, limit.Token).ConfigureAwait(false);
            files.MakeStandby(control, limits, port.Port, programs.Major);
            process = await OwnedProcess
                .StartAsync(
                    programs["postgres"],
                    ["-D", files.Data, "-c", $"config_file={files.Settings}"],
                    files.Folder,
                    user,
                    "QUIT"
                )
                .ConfigureAwait(false);
            await ReadyAsync(process, files, limit.Token).ConfigureAwait(false);
            NpgsqlConnection session = await SuperuserSession
                .OpenAsync(source, files.Sockets, port.Port, limits.AnswerTimeout, limit.Token)
                .ConfigureAwait(false);
            return new StandbyServer(process, port, session);
        }
        catch (Exception error)
        {
            string output = process?.Output ?? string.Empty;
            if (process is not null)
            {
                await process.DisposeAsync().ConfigureAwait(false);
            }

            port.Dispose();
            if (error is OperationCanceledException && !cancellation.IsCancellationRequested)
            {
                throw new CloneException(CloneFailure.TooSlow, $"a clone of {source.Name} did not start: {output}");
            }

            throw;
        }
    }

    /// <summary>The address for the shadow.</summary>
    public CloneAddress Address(PostgresSource source, IPAddress listens, string password) =>
        new(listens, Port, source.ShadowRole, password, source.Database) { Scheme = "postgresql" };

    /// <summary>Ends it as one that is to be used again: the sessions end, what is in memory is written.</summary>
    /// <returns>True when it ended so.</returns>
    public async Task<bool> StopAsync(TimeSpan patience)
    {
        await Session.DisposeAsync().ConfigureAwait(false);
        _process.Signal(LibC.SIGINT);
        return await _process.EndsWithinAsync(patience).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Session.DisposeAsync().ConfigureAwait(false);
        _process.Signal(LibC.SIGQUIT);
        await _process.EndsWithinAsync(TimeSpan.FromSeconds(5)).ConfigureAwait(false);
        await _process.DisposeAsync().ConfigureAwait(false);
        _port.Dispose();
    }

    // The 8th line of postmaster.pid is "ready" from the moment on that a standby lets sessions in.
    private static async Task ReadyAsync(OwnedProcess process, StandbyFiles files, CancellationToken cancellation)
    {
        string note = Path.Combine(files.Data, "postmaster.pid");
        while (!File.Exists(note) || !await IsReadyAsync(note, cancellation).ConfigureAwait(false))
        {
            if (process.HasEnded)
            {
                throw new CloneException(CloneFailure.CloneDied, $"the clone's server ended: {process.Output}");
            }

            await Task.Delay(s_pause, cancellation).ConfigureAwait(false);
        }
    }

    private static async Task<bool> IsReadyAsync(string note, CancellationToken cancellation)
    {
        try
        {
            string[] lines = await File.ReadAllLinesAsync(note, cancellation).ConfigureAwait(false);
            return lines.Length > 7 && lines[7].StartsWith("ready", StringComparison.Ordinal);
        }
        catch (FileNotFoundException)
        {
            return false; // it has just ended
        }
    }

    private static async Task<string> ControlDataAsync(
        PostgresPrograms programs,
        StandbyFiles files,
        RunAs user,
        CancellationToken cancellation
    )
    {
        await using OwnedProcess process = await OwnedProcess
            .StartAsync(programs["pg_controldata"], [files.Data], files.Folder, user, "KILL")
            .ConfigureAwait(false);
        int code = await process.WaitAsync(cancellation).ConfigureAwait(false);
        string output = await process.AllOutputAsync().ConfigureAwait(false);
        return code == 0 ? output : throw new CloneException(CloneFailure.CloneDied, $"pg_controldata: {output}");
    }
}
