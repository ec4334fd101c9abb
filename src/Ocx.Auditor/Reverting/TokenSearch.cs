using System.Text;
using Ocx.Audit.Ledger;
using Ocx.Ledger;

namespace Ocx.Auditor.Reverting;

/// <summary>Finds the call that a token may be of.</summary>
internal static class TokenSearch
{
    private const int TimesEvery = 1024;

    /// <summary>Looks through the ledger, the newest record first: nothing else names a call by its token.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="token">The token's Id: lower-case hexadecimal.</param>
    /// <param name="oldest">Tokens of records before that have expired.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="LedgerException">The ledger cannot be read.</exception>
    public static async Task<LedgerRecord?> FindAsync(
        LedgerReader ledger,
        string token,
        DateTimeOffset oldest,
        CancellationToken cancellation
    )
    {
        byte[] member = Encoding.ASCII.GetBytes($"\"token\":\"{token}\"");
        int lines = 0;
        await foreach (byte[] line in ledger.NewestLinesAsync(int.MaxValue, cancellation))
        {
            bool may = line.AsSpan().IndexOf(member) >= 0;
            if (!may && ++lines % TimesEvery > 0)
            {
                continue;
            }

            LedgerEntry? entry = LedgerRecord.Read(line)?.Entry;
            if (entry?.RevertTokenId == token)
            {
                return await ledger.FindAsync(entry.Intent.Key, cancellation);
            }

            if (entry?.Time < oldest)
            {
                return null;
            }
        }

        return null;
    }
}
