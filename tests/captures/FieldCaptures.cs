using System.Text.Json;

namespace Ocx.Tests.Captures;

/// <summary>The captures of field/, and what each of them must be read as.</summary>
internal static class FieldCaptures
{
    // Behind Root: static members are made in the order in which they stand.
    private static readonly string s_folder = Path.Combine(Checkout.Root, "tests", "captures", "field");

    /// <summary>All captures, those included that expected.txt says nothing of.</summary>
    public static IReadOnlyList<string> All => [.. Directory.GetFiles(s_folder, "*.pcap").Order()];

    /// <summary>The file and what it holds, in the words of expected.txt.</summary>
    public static TheoryData<string, string> Expected() =>
        [
            .. File.ReadLines(PathOf("expected.txt"))
                .Where(line => line[0] != '#')
                .Select(line => line.Split(": ", 2))
                .Select(parts => (parts[0], parts[1])),
        ];

    /// <summary>Where a file of the folder is.</summary>
    public static string PathOf(string file) => Path.Combine(s_folder, file);

    /// <summary>Records in the order of their start, in the words of expected.txt.</summary>
    public static string Outcomes(IEnumerable<JsonElement> calls) =>
        string.Join(
            "; ",
            calls.OrderBy(call => call.GetProperty("start").GetString(), StringComparer.Ordinal).Select(Outcome)
        );

    private static string Outcome(JsonElement call)
    {
        string name = call.TryGetProperty("name", out JsonElement named) ? named.GetString() + " " : string.Empty;
        string status = call.GetProperty("status").GetString()!;
        string code = status switch
        {
            "rpc_error" => $"({call.GetProperty("errorCode").GetRawText()})",
            "http_error" => $"({call.GetProperty("httpStatus").GetRawText()})",
            _ => string.Empty,
        };
        string completeness = call.GetProperty("completeness").GetString()!;
        string lacking = completeness == "complete" ? string.Empty : " " + completeness;
        return $"{call.GetProperty("method").GetString()} {name}{status}{code}{lacking}";
    }
}
