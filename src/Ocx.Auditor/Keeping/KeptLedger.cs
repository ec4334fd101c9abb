using Ocx.Audit.Ledger;
using Ocx.Auditor.Options;
using Ocx.Ledger;

namespace Ocx.Auditor.Keeping;

/// <summary>The ledger that the command line names, with the keys that sign it.</summary>
internal sealed class KeptLedger : IAsyncDisposable
{
    private readonly LedgerSigningKey _key;
    private readonly LedgerSigningKey? _previous;

    private KeptLedger(ILedger ledger, LedgerSigningKey key, LedgerSigningKey? previous) =>
        (Ledger, _key, _previous) = (ledger, key, previous);

    /// <summary>The ledger.</summary>
    public ILedger Ledger { get; }

    /// <summary>Opens it, or makes it.</summary>
    /// <param name="options">The command line.</param>
    /// <param name="retention">How much is kept.</param>
    /// <param name="warn">Is told what an administrator should know, also later and from any thread.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="StartupException">It cannot be kept as it was asked for.</exception>
    public static async Task<KeptLedger> OpenAsync(
        AuditorOptions options,
        LedgerRetention retention,
        Action<string> warn,
        CancellationToken cancellation
    )
    {
        LedgerSigningKey? key = null;
        LedgerSigningKey? previous = null;
        try
        {
            key = await KeyAsync(options, cancellation);
            previous = options.LedgerPreviousKey is { } file ? await LedgerKeyFile.LoadAsync(file, cancellation) : null;
            ILedger ledger = options.LedgerPostgres is { } connection
                ? await PostgresLedger.OpenAsync(
                    new PostgresLedgerOptions
                    {
                        ConnectionString = () => Read(connection),
                        Replica = options.Replica,
                        Key = key,
                        PreviousKey = previous,
                        Retention = retention,
                        Warn = warn,
                    },
                    TimeProvider.System,
                    cancellation
                )
                : await SqliteLedger.OpenAsync(
                    new SqliteLedgerOptions
                    {
                        Path = options.Ledger,
                        Key = key,
                        PreviousKey = previous,
                        Retention = retention,
                        Warn = warn,
                    },
                    TimeProvider.System
                );
            return new KeptLedger(ledger, key, previous);
        }
        catch (Exception wrong)
        {
            key?.Dispose();
            previous?.Dispose();
            throw wrong switch
            {
                LedgerException => new StartupException(wrong.Message, wrong),
                IOException or UnauthorizedAccessException => new StartupException(
                    $"cannot keep the ledger {options.Ledger}: {wrong.Message}",
                    wrong
                ),
                _ => wrong,
            };
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Ledger.DisposeAsync();
        _key.Dispose();
        _previous?.Dispose();
    }

    // Beside the file, where none is given.
    private static async Task<LedgerSigningKey> KeyAsync(AuditorOptions options, CancellationToken cancellation)
    {
        if (options.LedgerPostgres is null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.Ledger))!);
        }

        return options.LedgerKey is { } file
            ? await LedgerKeyFile.LoadAsync(file, cancellation)
            : await LedgerKeyFile.LoadOrCreateAsync(options.Ledger + ".key", cancellation);
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new LedgerException($"cannot read the connection string {path}: {wrong.Message}", wrong);
        }
    }
}
