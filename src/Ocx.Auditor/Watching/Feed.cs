using System.Globalization;
using System.Text;
using System.Threading.Channels;

namespace Ocx.Auditor.Watching;

/// <summary>
/// Lines of JSON, as they come, for whoever watches. A watcher that is too slow loses lines and is told how many; it
/// holds nobody up.
/// </summary>
internal sealed class Feed
{
    /// <summary>How many watch at once, at most.</summary>
    public const int MostWatchers = 64;

    private const int MostWaiting = 4096;

    private readonly Lock _lock = new();
    private Watcher[] _watchers = [];

    /// <summary>Is there anybody to tell?</summary>
    public bool IsWatched => Volatile.Read(ref _watchers).Length > 0;

    /// <summary>Tells all who watch now.</summary>
    /// <param name="line">One line, without its end.</param>
    public void Publish(ReadOnlyMemory<byte> line)
    {
        foreach (Watcher watcher in Volatile.Read(ref _watchers))
        {
            watcher.Tell(line);
        }
    }

    /// <summary>Begins to watch; disposing it ends that.</summary>
    /// <returns>Null when as many watch as may.</returns>
    public Watcher? Watch()
    {
        lock (_lock)
        {
            if (_watchers.Length >= MostWatchers)
            {
                return null;
            }

            var watcher = new Watcher(this);
            _watchers = [.. _watchers, watcher];
            return watcher;
        }
    }

    private void End(Watcher watcher)
    {
        lock (_lock)
        {
            _watchers = [.. _watchers.Where(other => other != watcher)];
        }
    }

    /// <summary>One who watches.</summary>
    internal sealed class Watcher(Feed feed) : IDisposable
    {
        private readonly Channel<ReadOnlyMemory<byte>> _lines = Channel.CreateBounded<ReadOnlyMemory<byte>>(
            new BoundedChannelOptions(MostWaiting) { SingleReader = true }
        );
        private long _missed;

        /// <summary>Waits for lines, and hands on those that are there.</summary>
        public async IAsyncEnumerable<ReadOnlyMemory<byte>> LinesAsync(
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation
        )
        {
            while (await _lines.Reader.WaitToReadAsync(cancellation))
            {
                while (_lines.Reader.TryRead(out ReadOnlyMemory<byte> line))
                {
                    yield return line;
                }

                if (Interlocked.Exchange(ref _missed, 0) is > 0 and var missed)
                {
                    string said = string.Create(
                        CultureInfo.InvariantCulture,
                        $$"""{"kind":"missed","lines":{{missed}}}"""
                    );
                    yield return Encoding.UTF8.GetBytes(said);
                }
            }
        }

        /// <inheritdoc/>
        public void Dispose() => feed.End(this);

        internal void Tell(ReadOnlyMemory<byte> line)
        {
            if (!_lines.Writer.TryWrite(line))
            {
                Interlocked.Increment(ref _missed);
            }
        }
    }
}
