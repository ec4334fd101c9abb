namespace Ocx.Audit.Expressions;

/// <summary>Which of the known names was meant.</summary>
internal static class Suggestion
{
    private const int LongestName = 64;

    /// <summary>Says what is known, and which of it is near.</summary>
    public static string Of(string name, IEnumerable<string> known)
    {
        string[] names = [.. known.Order(StringComparer.Ordinal)];
        var list = $"known: {string.Join(", ", names)}";
        if (name.Length > LongestName || names.Length == 0)
        {
            return list;
        }

        var near = names.MinBy(candidate => Distance(name, candidate))!;
        return Distance(name, near) <= Math.Max(1, name.Length / 3) ? $"did you mean '{near}'? {list}" : list;
    }

    // Levenshtein's, without regard to case.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + cost));
            }
        }

        return row[b.Length];
    }
}
