using Ocx.State.Processes;

namespace Ocx.State.Postgres;

/// <summary>
/// Winds a used clone back by <c>pg_rewind</c>: it reads from the clone's own log which blocks it changed, and copies
/// these from the source. That needs an ordinary connection and the right to four functions there; without them, and
/// wherever it fails, the clone is copied anew.
/// </summary>
internal static class Rewind
{
    /// <summary>Winds it back.</summary>
    /// <returns>True when it was; else its data is of no use.</returns>
    public static async Task<bool> RunAsync(
        PostgresSource source,
        PostgresPrograms programs,
        StandbyFiles files,
        RunAs user,
        CancellationToken cancellation
    )
    {
        await using OwnedProcess process = await OwnedProcess
            .StartAsync(
                programs["pg_rewind"],
                [
                    $"--target-pgdata={files.Data}",
                    $"--source-server={files.Conninfo} dbname='{Escape(source.Database)}'",
                    "--no-ensure-shutdown",
                    "--no-sync",
                ],
                files.Folder,
                user,
                "KILL"
            )
            .ConfigureAwait(false);
        return await process.WaitAsync(cancellation).ConfigureAwait(false) == 0;
    }

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal);
}
