using System.Text;
using Ocx.Text;

namespace Ocx.Audit.Ledger;

/// <summary>
/// A head or a stub as it is read. Whether its signature is right, <see cref="LedgerVerifier"/> says.
/// </summary>
/// <param name="Chain">The chain.</param>
/// <param name="Position">The record that it speaks of; of a stub, the last one that it stands for.</param>
/// <param name="KeyId">The key that signed.</param>
/// <param name="NextKeyId">The key that signs from then on; null when it stays the same.</param>
/// <param name="Dropped">How many records a stub stands for; 0 of a head.</param>
public sealed record LedgerSeal(string Chain, LedgerPosition Position, string KeyId, string? NextKeyId, long Dropped)
{
    /// <summary>Reads a line of a ledger.</summary>
    /// <param name="line">A line of any provenance, without its line break.</param>
    /// <returns>Null when it is neither a head nor a stub.</returns>
    public static LedgerSeal? Read(ReadOnlySpan<byte> line)
    {
        if (!LedgerLineFields.TryRead(line, out LedgerLineFields fields) || fields.Kind == LedgerLineKind.Record)
        {
            return null;
        }

        string? next = null;
        if (!fields.NextKey.IsEmpty)
        {
            using LedgerPublicKey? key = LedgerChainKeys.Decode(fields.NextKey);
            if (key is null)
            {
                return null;
            }

            next = key.Id;
        }

        return new LedgerSeal(
            Text(fields.Chain),
            new LedgerPosition(fields.Sequence, Text(fields.Hash)),
            Text(fields.Key),
            next,
            fields.Kind == LedgerLineKind.Stub ? fields.Count : 0
        );
    }

    private static string Text(ReadOnlySpan<byte> text) =>
        WireText.Escape(Encoding.UTF8.GetString(text), LedgerLimits.Name);
}
