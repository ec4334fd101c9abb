namespace Ocx.Audit.Ledger;

/// <summary>How far a chain goes.</summary>
/// <param name="Sequence">The last record's number: records count from 1; 0 before the first.</param>
/// <param name="Hash">The last record's hash, 64 lower-case hexadecimal digits; zeros before the first.</param>
public readonly record struct LedgerPosition(long Sequence, string Hash)
{
    /// <summary>Before the first record.</summary>
    public static LedgerPosition Start { get; } = new(0, new string('0', 64));
}

/// <summary>A line of a ledger.</summary>
/// <param name="Bytes">Canonical JSON without a line break.</param>
/// <param name="Position">The record's own number and hash; of a head or stub, the ones it speaks of.</param>
public readonly record struct LedgerLine(ReadOnlyMemory<byte> Bytes, LedgerPosition Position);
