namespace Ocx.Audit.Ledger;

/// <summary>The hashes of the last records of a chain: a head may stand a little behind its record.</summary>
internal sealed class LedgerRecentHashes
{
    private const int Kept = 1024;
    private const int HashLength = 64;

    private readonly long[] _sequences = new long[Kept];
    private readonly byte[] _hashes = new byte[Kept * HashLength];

    public void Add(long sequence, ReadOnlySpan<byte> hash)
    {
        int at = (int)(sequence % Kept);
        _sequences[at] = sequence;
        hash.CopyTo(_hashes.AsSpan(at * HashLength));
    }

    public bool TryFind(long sequence, out ReadOnlySpan<byte> hash)
    {
        int at = (int)(sequence % Kept);
        hash = _hashes.AsSpan(at * HashLength, HashLength);
        return sequence > 0 && _sequences[at] == sequence;
    }
}
