using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.Pairing;

/// <summary>Takes one JSON text again. The data is lent.</summary>
internal delegate void EarlyAnswerSink(ReadOnlySpan<byte> json, in MessageExtent extent, in MessagePlace place);

/// <summary>Answers that came before the end of their request, which is still to tell what they answer.</summary>
internal sealed class EarlyAnswers(MemoryBudget budget, int maxLength)
{
    private const int MaxAnswers = 64;

    private readonly PooledBuffer _texts = new(budget, maxLength);
    private readonly List<(int Length, MessageExtent Extent, MessagePlace Place)> _answers = [];

    /// <summary>Keeps a copy; false when it does not fit.</summary>
    public bool TryHold(ReadOnlySpan<byte> json, in MessageExtent extent, in MessagePlace place)
    {
        if (_answers.Count >= MaxAnswers || _texts.Length + json.Length > maxLength || !_texts.Append(json))
        {
            return false;
        }

        _answers.Add((json.Length, extent, place));
        return true;
    }

    /// <summary>Hands on what is kept, in order, and gives the memory back.</summary>
    public void Replay(EarlyAnswerSink sink)
    {
        int at = 0;
        foreach ((int length, MessageExtent extent, MessagePlace place) in _answers)
        {
            sink(_texts.Span.Slice(at, length), extent, place);
            at += length;
        }

        Release();
    }

    /// <summary>Forgets them, and gives the memory back.</summary>
    public void Release()
    {
        _texts.Release();
        _answers.Clear();
    }
}
