using System.Text.Json;

namespace Ocx.Kernel.Tests.Live;

/// <summary>
/// What the programs of a run wrote down of their own HTTP (<c>npm/journal.cjs</c>), read as calls: the client's and
/// the server's side of each, by nothing that the tap has seen.
/// </summary>
internal static class Journal
{
    /// <summary>The side that asks.</summary>
    public const string Client = "client";

    /// <summary>The side that answers.</summary>
    public const string Server = "server";

    /// <summary>The calls to these ports, as one side saw them.</summary>
    public static IReadOnlyList<LiveCall> Calls(string folder, string role, params IReadOnlyList<int> ports) =>
        [.. Directory.GetFiles(folder, "*.jsonl").SelectMany(file => CallsOf(file, role, ports))];

    private static IEnumerable<LiveCall> CallsOf(string file, string role, IReadOnlyList<int> ports)
    {
        var calls = new JournalCalls();
        foreach (string text in File.ReadLines(file))
        {
            JsonElement line = JsonElement.Parse(text);
            if (line.GetProperty("role").GetString() == role && ports.Contains(line.GetProperty("port").GetInt32()))
            {
                calls.Take(line);
            }
        }

        return calls.All;
    }
}
