namespace Ocx.Gate.Http;

/// <summary>
/// Finds out which of several JSON texts has room in runs of bytes, one after the other. Between two runs stands a
/// line's end, which JSON takes between its tokens only: a text goes on in the next run at such a place.
/// </summary>
internal sealed class RoomPlan
{
    private readonly Layout[] _layouts;
    private long _runStart;
    private long _run;

    /// <summary>With no room yet.</summary>
    /// <param name="texts">JSON texts without blanks, the one that is wanted most first.</param>
    public RoomPlan(IEnumerable<byte[]> texts) => _layouts = [.. texts.Select(text => new Layout(text))];

    /// <summary>The current run is longer by so many bytes.</summary>
    public void Extend(int length) => _run += length;

    /// <summary>The current run ends.</summary>
    public void Break()
    {
        foreach (Layout layout in _layouts)
        {
            layout.Lay(_runStart, _run);
        }

        _runStart += _run;
        _run = 0;
    }

    /// <summary>What was found does not count any more: room begins anew.</summary>
    public void Reset()
    {
        (_runStart, _run) = (0, 0);
        foreach (Layout layout in _layouts)
        {
            layout.Clear();
        }
    }

    /// <summary>Is there a text that has room?</summary>
    /// <param name="promised">Bytes that the current run will have more.</param>
    public bool Fits(long promised) => _layouts.Any(layout => layout.Ends(_run + promised));

    /// <summary>Has the first text room?</summary>
    /// <param name="promised">Bytes that the current run will have more.</param>
    public bool FitsFirst(long promised) => _layouts[0].Ends(_run + promised);

    /// <summary>The first text that has room, and where its parts lie; null when there is none.</summary>
    /// <param name="promised">Bytes that the current run will have more.</param>
    public Layout? Choose(long promised)
    {
        Layout? chosen = Array.Find(_layouts, layout => layout.Ends(_run + promised));
        chosen?.Lay(_runStart, _run + promised);
        return chosen;
    }

    /// <summary>A text, and where its parts lie.</summary>
    internal sealed class Layout
    {
        private readonly byte[] _text;
        private readonly List<int> _breaks = [];
        private readonly List<(long At, int Start, int End)> _parts = [];
        private int _laid;
        private int _next;

        public Layout(byte[] text)
        {
            _text = text;
            bool inString = false;
            for (int at = 0; at < text.Length; at++)
            {
                if (at > 0 && !inString && (IsPunctuation(text[at - 1]) || IsPunctuation(text[at])))
                {
                    _breaks.Add(at);
                }

                at += inString && text[at] == '\\' ? 1 : 0;
                inString ^= text[at] == '"';
            }

            _breaks.Add(text.Length);
        }

        /// <summary>True once all of it is written.</summary>
        public bool IsWritten => _next == _parts.Count && _laid == _text.Length;

        /// <summary>Would its end come within so many further bytes?</summary>
        public bool Ends(long length) => _text.Length - _laid <= length;

        /// <summary>Lays as much of it as can be into a run.</summary>
        public void Lay(long start, long length)
        {
            int end = LastBreak((int)Math.Min(_text.Length, _laid + length));
            if (end > _laid)
            {
                _parts.Add((start, _laid, end));
                _laid = end;
            }
        }

        public void Clear()
        {
            _parts.Clear();
            _laid = 0;
        }

        /// <summary>Writes its parts that lie in <paramref name="room"/>, each once and in order.</summary>
        /// <param name="room">Blank bytes.</param>
        /// <param name="at">Where they lie.</param>
        public void Write(Span<byte> room, long at)
        {
            for (; _next < _parts.Count; _next++)
            {
                (long start, int textStart, int textEnd) = _parts[_next];
                long from = Math.Max(start, at),
                    end = start + textEnd - textStart,
                    to = Math.Min(end, at + room.Length);
                if (from < to)
                {
                    _text.AsSpan(textStart + (int)(from - start), (int)(to - from)).CopyTo(room[(int)(from - at)..]);
                }

                if (end > at + room.Length)
                {
                    return;
                }
            }
        }

        private static bool IsPunctuation(byte next) => "{}[]:,"u8.Contains(next);

        private int LastBreak(int most)
        {
            int found = _breaks.BinarySearch(most);
            return found >= 0 ? most
                : ~found > 0 ? _breaks[~found - 1]
                : 0;
        }
    }
}
