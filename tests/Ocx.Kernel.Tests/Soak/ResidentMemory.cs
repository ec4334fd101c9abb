using System.Globalization;

namespace Ocx.Kernel.Tests.Soak;

/// <summary>
/// A process's anonymous resident memory over time (proc(5), RssAnon), in bytes: what it holds itself. The ring's
/// pages, which the process maps twice and the kernel charges once, are not among it.
/// </summary>
internal sealed class ResidentMemory(int pid)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);

    private readonly List<long> _samples = [];

    /// <summary>The most that was seen.</summary>
    public long Highest => _samples.Max();

    /// <summary>Looks until it is cancelled.</summary>
    public async Task WatchAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            _samples.Add(Read());
            await Task.Delay(s_interval, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The median of one of the four quarters of the time, 0 to 3.</summary>
    public long Median(int quarter)
    {
        int length = _samples.Count / 4;
        return _samples.Skip(quarter * length).Take(length).Order().ElementAt(length / 2);
    }

    private long Read()
    {
        string line = File.ReadLines($"/proc/{pid}/status")
            .First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(8).Trim().TrimEnd("kB ").Trim(), CultureInfo.InvariantCulture) << 10;
    }
}
