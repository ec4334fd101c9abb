using System.Text.RegularExpressions;
using Ocx.Text;

namespace Ocx.Api;

/// <summary>The durations of the API: a whole number of seconds, minutes or hours, such as <c>10s</c>.</summary>
public static partial class ApiDuration
{
    /// <summary>The pattern that the API server holds a duration to.</summary>
    public const string Pattern = "^[1-9][0-9]{0,3}(s|m|h)$";

    /// <summary>Parses a duration.</summary>
    /// <param name="text">A duration such as <c>10s</c>.</param>
    /// <returns>The time.</returns>
    /// <exception cref="FormatException">It is no such duration.</exception>
    public static TimeSpan Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Form().IsMatch(text) && Durations.TryParse(text, out var duration)
            ? duration
            : throw new FormatException($"The duration '{text}' is not of the form 10s, 5m or 1h.");
    }

    /// <summary>Writes a duration in seconds, or in minutes or hours where four digits do not suffice.</summary>
    /// <param name="duration">The time, which is rounded up; what is longer than <c>9999h</c> is <c>9999h</c>.</param>
    /// <returns>The text.</returns>
    public static string Format(TimeSpan duration)
    {
        var seconds = (long)Math.Ceiling(duration.TotalSeconds);
        var minutes = (seconds + 59) / 60;
        return seconds < 10_000 ? $"{seconds}s"
            : minutes < 10_000 ? $"{minutes}m"
            : $"{Math.Min(9999, (minutes + 59) / 60)}h";
    }

    [GeneratedRegex(Pattern)]
    private static partial Regex Form();
}
