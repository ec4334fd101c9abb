using Ocx.Mcp.Records;
using Ocx.Text;

namespace Ocx.Cli.Top;

/// <summary>What was called of one tool (or method without a name) during the last interval.</summary>
/// <param name="Method">The JSON-RPC method, ready to be shown.</param>
/// <param name="Name">Tool, prompt or resource, ready to be shown.</param>
/// <param name="Calls">Calls that ended.</param>
/// <param name="Errors">Those that failed.</param>
/// <param name="Median">The duration that half of them stayed within.</param>
/// <param name="Slow">The duration that 95 of 100 stayed within.</param>
internal readonly record struct ToolRow(
    string Method,
    string Name,
    long Calls,
    long Errors,
    TimeSpan Median,
    TimeSpan Slow
);

/// <summary>
/// Counts calls by tool over one interval. Wire names are many and long: beyond a bound
/// they are counted together, and of each its beginning is kept.
/// </summary>
internal sealed class ToolTally
{
    private const int MostTools = 1000,
        MostDurations = 2000,
        LongestName = 128;
    private const string Other = "(other)";

    private readonly Dictionary<(string Method, string Name), Entry> _tools = [];

    /// <summary>Counts a call.</summary>
    public void Add(RecordedCall call)
    {
        (string, string) key = (WireText.Escape(call.Method, LongestName), WireText.Escape(call.Name, LongestName));
        if (!_tools.TryGetValue(key, out Entry? entry))
        {
            key = _tools.Count < MostTools ? key : (Other, string.Empty);
            if (!_tools.TryGetValue(key, out entry))
            {
                _tools[key] = entry = new Entry();
            }
        }

        entry.Calls++;
        entry.Errors += call.IsError ? 1 : 0;
        // Beyond the bound each call replaces a random one: the sample stays fair.
        if (entry.Durations.Count < MostDurations)
        {
            entry.Durations.Add(call.Duration);
        }
        else if (Random.Shared.NextInt64(entry.Calls) is var place && place < MostDurations)
        {
            entry.Durations[(int)place] = call.Duration;
        }
    }

    /// <summary>The tools, the most called first, and a new beginning.</summary>
    public IReadOnlyList<ToolRow> Take()
    {
        ToolRow[] rows =
        [
            .. _tools
                .Select(tool => Row(tool.Key, tool.Value))
                .OrderByDescending(row => row.Calls)
                .ThenBy(row => row.Method, StringComparer.Ordinal)
                .ThenBy(row => row.Name, StringComparer.Ordinal),
        ];
        _tools.Clear();
        return rows;
    }

    private static ToolRow Row((string Method, string Name) key, Entry entry)
    {
        entry.Durations.Sort();
        return new ToolRow(key.Method, key.Name, entry.Calls, entry.Errors, Within(50), Within(95));

        // The nearest rank.
        TimeSpan Within(int percent) => entry.Durations[((entry.Durations.Count * percent) + 99) / 100 - 1];
    }

    private sealed class Entry
    {
        public long Calls { get; set; }

        public long Errors { get; set; }

        public List<TimeSpan> Durations { get; } = [];
    }
}
