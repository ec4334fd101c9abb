using System.Text;
using Ocx.Text;

namespace Ocx.Audit.Ledger;

/// <summary>
/// Reads a ledger's lines, believes none of them, and tells what is not as it was written: each changed, removed,
/// reordered or inserted record, a cut end, and what is not signed by a trusted key. Reads lines of several chains, in
/// any mixture. Memory does not grow with the ledger. For one thread.
/// </summary>
public sealed class LedgerVerifier : IDisposable
{
    private const int MostChains = 256;

    private readonly Dictionary<string, LedgerPublicKey> _trusted = new(StringComparer.Ordinal);
    private readonly List<LedgerChainVerifier> _chains = [];
    private readonly LedgerProblems _problems = new();
    private LedgerChainVerifier? _last;
    private long _lines;

    /// <summary>Makes a verifier.</summary>
    /// <param name="trusted">
    /// The keys that are trusted, which stay the caller's: heads signed by them may introduce others.
    /// </param>
    public LedgerVerifier(IEnumerable<LedgerPublicKey> trusted)
    {
        ArgumentNullException.ThrowIfNull(trusted);
        foreach (LedgerPublicKey key in trusted)
        {
            _trusted[key.Id] = key;
        }
    }

    /// <summary>
    /// Tells of a head that is known from elsewhere (a log, another system): the ledger must reach it. To be told
    /// before the ledger's lines are read.
    /// </summary>
    /// <param name="line">The head's line.</param>
    /// <returns>False when it is no head.</returns>
    public bool Expect(ReadOnlySpan<byte> line)
    {
        if (!LedgerLineFields.TryRead(line, out LedgerLineFields head) || head.Kind != LedgerLineKind.Head)
        {
            return false;
        }

        ChainOf(head.Chain)?.Head(head, line: 0);
        return true;
    }

    /// <summary>Reads the next line, without its line break.</summary>
    public void Read(ReadOnlySpan<byte> line)
    {
        _lines++;
        if (!LedgerLineFields.TryRead(line, out LedgerLineFields fields))
        {
            Unreadable("is no line of a ledger");
            return;
        }

        if (ChainOf(fields.Chain) is not { } chain)
        {
            Unreadable($"is of one chain more than the {MostChains} that are read");
            return;
        }

        switch (fields.Kind)
        {
            case LedgerLineKind.Record:
                chain.Record(fields, _lines);
                break;
            case LedgerLineKind.Head:
                chain.Head(fields, _lines);
                break;
            default:
                chain.Stub(fields, _lines);
                break;
        }
    }

    /// <summary>Reads lines to the end of a stream. One that is too long counts as unreadable.</summary>
    public void ReadAll(Stream stream)
    {
        var lines = new LedgerLineReader(stream);
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            Read(line);
        }
    }

    /// <summary>Says what was found. Nothing may be read afterwards.</summary>
    public LedgerReport Finish()
    {
        List<LedgerChainReport> chains = [.. _chains.Select(chain => chain.Finish())];
        return new LedgerReport(_lines, chains, _problems.Listed, _problems.Count);
    }

    /// <inheritdoc/>
    public void Dispose() => _chains.ForEach(chain => chain.Dispose());

    private void Unreadable(string why)
    {
        _last?.Unreadable();
        string chain = _last?.Name ?? string.Empty;
        _problems.Add(LedgerProblemKind.Unreadable, chain, 0, 0, _lines, $"line {_lines} {why}");
    }

    private LedgerChainVerifier? ChainOf(ReadOnlySpan<byte> name)
    {
        if (_last?.HasName(name) == true)
        {
            return _last;
        }

        foreach (LedgerChainVerifier known in _chains)
        {
            if (known.HasName(name))
            {
                return _last = known;
            }
        }

        if (_chains.Count == MostChains)
        {
            return null;
        }

        _last = new LedgerChainVerifier(name, WireText.Escape(Encoding.UTF8.GetString(name)), _trusted, _problems);
        _chains.Add(_last);
        return _last;
    }
}
