using System.Text;
using Ocx.Auditor.Watching;

namespace Ocx.Auditor.Tests.Watching;

/// <summary>Who watches is told all, or how much he missed, and holds nobody up.</summary>
public sealed class FeedTests
{
    [Fact]
    public async Task A_watcher_that_is_too_slow_is_told_how_much_it_missed()
    {
        const int Lines = 5000;
        var feed = new Feed();
        Assert.False(feed.IsWatched);
        using (Feed.Watcher watcher = feed.Watch()!)
        {
            Assert.True(feed.IsWatched);
            for (int i = 0; i < Lines; i++)
            {
                feed.Publish(Encoding.ASCII.GetBytes($"{i}"));
            }

            var seen = new List<string>();
            await foreach (ReadOnlyMemory<byte> line in watcher.LinesAsync(TestContext.Current.CancellationToken))
            {
                seen.Add(Encoding.ASCII.GetString(line.Span));
                if (seen[^1].StartsWith('{'))
                {
                    break;
                }
            }

            Assert.Equal(Enumerable.Range(0, seen.Count - 1).Select(i => $"{i}"), seen[..^1]);
            Assert.Equal($$"""{"kind":"missed","lines":{{Lines - seen.Count + 1}}}""", seen[^1]);
        }

        Assert.False(feed.IsWatched);
    }

    [Fact]
    public void So_many_watch_and_no_more()
    {
        var feed = new Feed();
        Feed.Watcher[] watchers = [.. Enumerable.Range(0, Feed.MostWatchers).Select(_ => feed.Watch()!)];
        Assert.Null(feed.Watch());
        watchers[0].Dispose();
        Assert.NotNull(feed.Watch());
    }
}
