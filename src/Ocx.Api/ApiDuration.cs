using System.Text.RegularExpressions;
using Ocx.Text;

namespace Ocx.Api;

/// <summary>
/// The durations of the API: a whole number of seconds, minutes or hours, such as <c>10s</c>, and at most a day.
/// </summary>
public static partial class ApiDuration
{
    /// <summary>
    /// The pattern that the API server holds a duration to: up to <c>9999s</c>, <c>1440m</c> or <c>24h</c>.
    /// </summary>
    public const string Pattern =
        "^([1-9][0-9]{0,3}s|([1-9][0-9]{0,2}|1[0-3][0-9]{2}|14[0-3][0-9]|1440)m|([1-9]|1[0-9]|2[0-4])h)$";

    /// <summary>The longest duration. Timers count up to 49 days.</summary>
    public static TimeSpan Longest { get; } = TimeSpan.FromDays(1);

    /// <summary>Whether a text is such a duration.</summary>
    /// <param name="text">The text.</param>
    /// <returns>True when it is one.</returns>
    public static bool IsOne(string text) => Form().IsMatch(text) && Durations.TryParse(text, out _);

    /// <summary>Parses a duration.</summary>
    /// <param name="text">A duration such as <c>10s</c>.</param>
    /// <returns>The time.</returns>
    /// <exception cref="FormatException">It is no such duration.</exception>
    public static TimeSpan Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Form().IsMatch(text) && Durations.TryParse(text, out var duration)
            ? duration
            : throw new FormatException(
                $"The duration '{text}' is not of the form 10s, 5m or 1h, or it is longer than 24h."
            );
    }

    /// <summary>Writes a duration in seconds, or in minutes where four digits do not suffice.</summary>
    /// <param name="duration">The time, which is rounded up; what is longer than a day is a day.</param>
    /// <returns>The text.</returns>
    public static string Format(TimeSpan duration)
    {
        var seconds = (long)Math.Ceiling(Math.Min(duration.TotalSeconds, Longest.TotalSeconds));
        return seconds < 10_000 ? $"{seconds}s" : $"{(seconds + 59) / 60}m";
    }

    [GeneratedRegex(Pattern)]
    private static partial Regex Form();
}
