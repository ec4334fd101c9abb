using System.Diagnostics;
using System.Globalization;
using Ocx.Audit.Ledger;

namespace Ocx.Ledger.Tests;

/// <summary>A process that appends until it is killed, at a moment that chance finds.</summary>
internal static class KilledWriter
{
    public static async Task RunAsync(
        string place,
        string keyPath,
        int run,
        List<(string, LedgerPosition)> acknowledged,
        CancellationToken cancellation
    )
    {
        string name = "Ocx.Ledger.Appender";
        string program = Path.Combine(AppContext.BaseDirectory, "..", "..", name, "debug", $"{name}.dll");
        using Process child = Process.Start(
            new ProcessStartInfo("dotnet", [program, place, keyPath, $"run{run}"]) { RedirectStandardOutput = true }
        )!;
        try
        {
            // Killed at some acknowledgement, while others are on their way; then what it had said is read to the end.
            int last = Random.Shared.Next(1, 1500);
            while (await child.StandardOutput.ReadLineAsync(cancellation) is { } line)
            {
                if (last-- == 0)
                {
                    child.Kill();
                }

                string[] parts = line.Split(' ');
                if (parts is [_, _, { Length: 64 }]) // the last line may be cut
                {
                    acknowledged.Add(
                        (parts[0], new LedgerPosition(long.Parse(parts[1], CultureInfo.InvariantCulture), parts[2]))
                    );
                }
            }

            Assert.True(last < 0, "the writer ended by itself");
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync(CancellationToken.None);
        }
    }
}
