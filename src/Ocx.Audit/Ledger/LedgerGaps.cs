namespace Ocx.Audit.Ledger;

/// <summary>Records that were passed over: each may still come, in another place.</summary>
internal sealed class LedgerGaps
{
    private const int Most = 1024;

    private readonly List<Gap> _gaps = [];

    public IReadOnlyList<Gap> Left => _gaps;

    /// <summary>Adds a gap.</summary>
    /// <returns>False when there are too many: then nothing of it is awaited.</returns>
    public bool TryAdd(Gap gap)
    {
        if (_gaps.Count == Most)
        {
            return false;
        }

        _gaps.Add(gap);
        return true;
    }

    /// <summary>Takes a record out of the gap that it is missing in.</summary>
    /// <param name="fields">The record.</param>
    /// <param name="follows">Does it follow those around it, as far as they are known?</param>
    /// <returns>False when it is missing nowhere.</returns>
    public bool TryTake(in LedgerLineFields fields, out bool follows)
    {
        follows = false;
        long sequence = fields.Sequence;
        int at = _gaps.FindIndex(gap => gap.First <= sequence && sequence <= gap.Last);
        if (at < 0)
        {
            return false;
        }

        Gap gap = _gaps[at];
        _gaps.RemoveAt(at);
        follows =
            (sequence > gap.First || fields.Previous.SequenceEqual(gap.Before))
            && (sequence < gap.Last || fields.Hash.SequenceEqual(gap.After));
        if (sequence > gap.First)
        {
            TryAdd(gap with { Last = sequence - 1, After = fields.Previous.ToArray() });
        }

        if (sequence < gap.Last)
        {
            TryAdd(gap with { First = sequence + 1, Before = fields.Hash.ToArray() });
        }

        return true;
    }

    /// <summary>Records that are not there.</summary>
    /// <param name="First">The first one's number.</param>
    /// <param name="Last">The last one's number.</param>
    /// <param name="Before">The hash that the first one follows.</param>
    /// <param name="After">The hash of the last one, as the record behind it has it.</param>
    /// <param name="Line">Where it showed.</param>
    public readonly record struct Gap(long First, long Last, byte[] Before, byte[] After, long Line);
}
