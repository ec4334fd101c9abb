using System.Globalization;
using static Ocx.Audit.Expressions.CelType;

namespace Ocx.Audit.Expressions;

/// <summary>
/// The parts of times and durations. A time's parts are UTC's, or those of a zone:
/// <c>call.time.getHours('Europe/Berlin')</c>.
/// </summary>
internal static class TimeFunctions
{
    /// <summary>Every overload.</summary>
    public static IReadOnlyList<CelFunction> All { get; } =
    [
        .. OfTime("getFullYear", time => time.Year),
        .. OfTime("getMonth", time => time.Month - 1),
        .. OfTime("getDate", time => time.Day),
        .. OfTime("getDayOfMonth", time => time.Day - 1),
        .. OfTime("getDayOfYear", time => time.DayOfYear - 1),
        .. OfTime("getDayOfWeek", time => (int)time.DayOfWeek),
        .. OfTime("getHours", time => time.Hour),
        .. OfTime("getMinutes", time => time.Minute),
        .. OfTime("getSeconds", time => time.Second),
        .. OfTime("getMilliseconds", time => time.Millisecond),
        OfDuration("getHours", duration => duration.Ticks / TimeSpan.TicksPerHour),
        OfDuration("getMinutes", duration => duration.Ticks / TimeSpan.TicksPerMinute),
        OfDuration("getSeconds", duration => duration.Ticks / TimeSpan.TicksPerSecond),
        OfDuration("getMilliseconds", duration => duration.Milliseconds),
    ];

    /// <summary>Finds a zone, by IANA's name or by its distance from UTC, <c>+02:00</c>.</summary>
    public static bool TryFindZone(string name, out TimeZoneInfo zone)
    {
        var distance = name.TrimStart('+', '-');
        if (
            TimeSpan.TryParseExact(distance, @"hh\:mm", CultureInfo.InvariantCulture, out var by)
            && by.TotalHours <= 14
        )
        {
            zone = TimeZoneInfo.CreateCustomTimeZone(name, name[0] == '-' ? -by : by, name, name);
            return true;
        }

        return TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone!);
    }

    private static CelFunction[] OfTime(string name, Func<DateTime, int> part) =>
        [
            new(name, CallStyle.Member, [Timestamp], Int, (_, in a, in _) => CelValue.Of(part(a.Time))),
            new(name, CallStyle.Member, [Timestamp, CelType.String], Int, InZone(part)),
        ];

    private static CelFunctionBody InZone(Func<DateTime, int> part) =>
        (evaluation, in a, in b) =>
            !evaluation.Spend(16) ? CelValue.Exhausted
            : TryFindZone(b.String, out var zone) ? CelValue.Of(part(TimeZoneInfo.ConvertTimeFromUtc(a.Time, zone)))
            : CelValue.Error("there is no such time zone");

    private static CelFunction OfDuration(string name, Func<TimeSpan, long> part) =>
        new(name, CallStyle.Member, [Duration], Int, (_, in a, in _) => CelValue.Of(part(a.Duration)));
}
