using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Ocx.Text;

namespace Ocx.Audit.Ledger;

/// <summary>
/// Whose signatures count in a chain: the trusted keys, and those that signed heads have introduced. A key that has
/// introduced another one signs nothing behind that head.
/// </summary>
internal sealed class LedgerChainKeys(IReadOnlyDictionary<string, LedgerPublicKey> trusted) : IDisposable
{
    private const int MostIntroduced = 1024;
    private const int LongestSignature = 80; // ECDSA on P-256 in DER has 72 bytes at most

    private readonly Dictionary<string, LedgerPublicKey> _introduced = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _retired = new(StringComparer.Ordinal);

    public enum Answer
    {
        Right,
        Wrong,
        Unknown,
        Retired,
    }

    /// <summary>Looks at the signature of a head or stub; a head's new key is known from then on.</summary>
    /// <param name="line">The line's members.</param>
    /// <param name="data">What was signed.</param>
    /// <param name="key">The key's name, to be shown.</param>
    public Answer Look(in LedgerLineFields line, ReadOnlySpan<byte> data, out string key)
    {
        string id = Encoding.UTF8.GetString(line.Key);
        key = WireText.Escape(id, 64);
        if (!trusted.TryGetValue(id, out LedgerPublicKey? signer) && !_introduced.TryGetValue(id, out signer))
        {
            return Answer.Unknown;
        }

        Span<byte> signature = stackalloc byte[LongestSignature];
        if (!TryDecode(line.Signature, signature, out int length) || !signer.Verify(data, signature[..length]))
        {
            return Answer.Wrong;
        }

        // A stub may speak of records before the change: a key that was retired since drops nothing.
        if (_retired.TryGetValue(id, out long last) && (line.Kind == LedgerLineKind.Stub || line.Sequence > last))
        {
            return Answer.Retired;
        }

        if (!line.NextKey.IsEmpty)
        {
            Introduce(line.NextKey);
            _retired.TryAdd(id, line.Sequence);
        }

        return Answer.Right;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (LedgerPublicKey key in _introduced.Values)
        {
            key.Dispose();
        }
    }

    /// <summary>A head's new key; null when it is none.</summary>
    public static LedgerPublicKey? Decode(ReadOnlySpan<byte> nextKey)
    {
        Span<byte> spki = stackalloc byte[256];
        return TryDecode(nextKey, spki, out int length) ? LedgerPublicKey.TryRead(spki[..length]) : null;
    }

    private void Introduce(ReadOnlySpan<byte> nextKey)
    {
        if (_introduced.Count < MostIntroduced && Decode(nextKey) is { } key && !_introduced.TryAdd(key.Id, key))
        {
            key.Dispose();
        }
    }

    private static bool TryDecode(ReadOnlySpan<byte> base64, Span<byte> to, out int length)
    {
        length = 0;
        return base64.Length <= to.Length / 3 * 4
            && Base64.DecodeFromUtf8(base64, to, out int read, out length) == OperationStatus.Done
            && read == base64.Length;
    }
}
