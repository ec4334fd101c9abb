using System.Text.RegularExpressions;
using Ocx.Text;

namespace Ocx.Api;

/// <summary>The values of an McpAudit's <c>mode</c>.</summary>
public static class AuditMode
{
    /// <summary>Verdicts are recorded, and nothing is delayed.</summary>
    public const string Observe = "Observe";

    /// <summary>Verdicts are carried out.</summary>
    public const string Enforce = "Enforce";
}

/// <summary>The values of an McpAudit's <c>gate.failurePolicy</c>.</summary>
public static class GateFailurePolicy
{
    /// <summary>What cannot be held or judged passes.</summary>
    public const string Open = "Open";

    /// <summary>It is refused.</summary>
    public const string Closed = "Closed";
}

/// <summary>The operators of a label selector.</summary>
public static class LabelOperator
{
    /// <summary>The label has one of the values.</summary>
    public const string In = "In";

    /// <summary>It has none of them.</summary>
    public const string NotIn = "NotIn";

    /// <summary>The label is there.</summary>
    public const string Exists = "Exists";

    /// <summary>It is not.</summary>
    public const string DoesNotExist = "DoesNotExist";
}

/// <summary>The times of an McpAudit: <c>500ms</c>, <c>5s</c>, <c>2m</c> or <c>1h</c>, and at most a day.</summary>
public static partial class AuditTime
{
    /// <summary>The pattern that the API server holds a time to.</summary>
    public const string Pattern = "^([1-9][0-9]{0,5}ms|[1-9][0-9]{0,4}s|[1-9][0-9]{0,3}m|([1-9]|1[0-9]|2[0-4])h)$";

    /// <summary>Reads a time.</summary>
    /// <param name="text">The text.</param>
    /// <param name="time">The time.</param>
    /// <returns>False when it is none, or longer than a day.</returns>
    public static bool TryParse(string? text, out TimeSpan time)
    {
        time = default;
        return text is not null
            && Form().IsMatch(text)
            && Durations.TryParse(text, out time)
            && time <= TimeSpan.FromDays(1);
    }

    [GeneratedRegex(Pattern)]
    private static partial Regex Form();
}

/// <summary>What an McpAudit's schema holds texts to.</summary>
internal static class AuditBounds
{
    /// <summary>Characters of a condition in CEL.</summary>
    public const int Condition = 4096;

    /// <summary>Characters of a pattern of tools' names.</summary>
    public const int Glob = 127;

    /// <summary>A URL without credentials, query or fragment.</summary>
    public const string HttpUrl = @"^https?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[-A-Za-z0-9._~/]*)?$";

    /// <summary>The same over TLS.</summary>
    public const string HttpsUrl = @"^https://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[-A-Za-z0-9._~/]*)?$";
}
