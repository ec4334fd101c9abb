namespace Ocx.Audit.Ledger;

/// <summary>Collects what is wrong: hostile ledgers can have much of it.</summary>
internal sealed class LedgerProblems
{
    private const int Kept = 1000;

    private readonly List<LedgerProblem> _kept = [];

    public long Count { get; private set; }

    public IReadOnlyList<LedgerProblem> Listed => _kept;

    public void Add(LedgerProblemKind kind, string chain, long first, long last, long line, string text)
    {
        Count++;
        if (_kept.Count < Kept)
        {
            _kept.Add(new LedgerProblem(kind, chain, first, last, line, text));
        }
    }
}
