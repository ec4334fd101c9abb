using System.Globalization;
using System.Text.RegularExpressions;
using Ocx.State.Clones;
using Ocx.State.Processes;

namespace Ocx.State.Postgres;

/// <summary>
/// Copies a source by <c>pg_basebackup</c>: it streams the files as they are, with the log that was written meanwhile.
/// No slot is made at the source: a copy that stands still keeps nothing there.
/// </summary>
internal sealed partial class BaseBackup
{
    /// <summary>The room that a clone needs besides the copy: for the log that comes after it. In bytes.</summary>
    public const long Room = 64 << 20;

    private readonly PostgresSource _source;
    private readonly CloneLimits _limits;
    private readonly long _free;
    private CloneException? _refused;
    private OwnedProcess? _process;

    private BaseBackup(PostgresSource source, CloneLimits limits, long free) =>
        (_source, _limits, _free) = (source, limits, free);

    /// <summary>Copies into the clone's folder <c>data</c>.</summary>
    /// <exception cref="CloneException">There is no copy, and why.</exception>
    public static Task CopyAsync(
        PostgresSource source,
        PostgresPrograms programs,
        StandbyFiles files,
        CloneFolder folder,
        CloneLimits limits,
        CancellationToken cancellation
    ) => new BaseBackup(source, limits, folder.FreeBytes).RunAsync(programs, files, folder, cancellation);

    /// <summary>That the disk is full.</summary>
    public static CloneException Full(PostgresSource source) =>
        new(CloneFailure.DiskFull, $"there is no room for a clone of {source.Name} on the disk");

    private async Task RunAsync(
        PostgresPrograms programs,
        StandbyFiles files,
        CloneFolder folder,
        CancellationToken cancellation
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_limits.CopyTimeout);
        _process = await OwnedProcess
            .StartAsync(
                programs["pg_basebackup"],
                [
                    $"--pgdata={files.Data}",
                    $"--dbname={files.Conninfo}",
                    "--wal-method=stream",
                    "--no-slot",
                    "--checkpoint=fast",
                    "--no-sync",
                    "--progress",
                    "--no-password",
                    .. programs.Major >= 13 ? ["--no-manifest"] : Array.Empty<string>(),
                ],
                files.Folder,
                folder.User,
                "KILL",
                Look
            )
            .ConfigureAwait(false);
        await using OwnedProcess process = _process;
        if (_refused is not null)
        {
            process.Signal(LibC.SIGKILL); // it was told before this program knew the process
        }

        int code;
        try
        {
            code = await process.WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new CloneException(
                CloneFailure.TooSlow,
                $"{_source.Name} was not copied within {_limits.CopyTimeout.TotalSeconds:0} s"
            );
        }

        if (_refused is not null)
        {
            throw _refused;
        }

        if (code != 0)
        {
            throw folder.FreeBytes < Room
                ? Full(_source)
                : new CloneException(CloneFailure.SourceDown, $"{_source.Name} was not copied: {process.Output}");
        }
    }

    // "    1234/56789 kB (2%), 0/1 tablespace": the first comes before any data.
    private void Look(string line)
    {
        if (_refused is not null || Progress().Match(line) is not { Success: true } progress)
        {
            return;
        }

        long bytes = long.Parse(progress.Groups[1].Value, CultureInfo.InvariantCulture) * 1024;
        int tablespaces = int.Parse(progress.Groups[2].Value, CultureInfo.InvariantCulture);
        _refused =
            tablespaces > 1
                ? new CloneException(
                    CloneFailure.SourceNotSupported,
                    $"{_source.Name} has tablespaces of its own, which a clone cannot have"
                )
            : bytes > _limits.MaxBytes
                ? new CloneException(
                    CloneFailure.TooLarge,
                    $"{_source.Name} holds {bytes >> 20} MiB, more than the {_limits.MaxBytes >> 20} MiB of a clone"
                )
            : bytes + Room > _free ? Full(_source)
            : null;
        if (_refused is not null)
        {
            _process?.Signal(LibC.SIGKILL);
        }
    }

    [GeneratedRegex(@"^\s*\d{1,15}/(\d{1,15}) kB \(\d+%\), \d+/(\d{1,9}) tablespace")]
    private static partial Regex Progress();
}
