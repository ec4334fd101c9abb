using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Ocx.Text;

/// <summary>
/// Durations, written as Go and Kubernetes write them: <c>10s</c>, <c>1m30s</c>, <c>500ms</c>, <c>2h</c>.
/// </summary>
public static class Durations
{
    private static readonly SearchValues<char> s_number = SearchValues.Create("0123456789.");

    // Longer than any run; keeps sums far from TimeSpan's limits.
    private static readonly TimeSpan s_max = TimeSpan.FromDays(3650);

    /// <summary>Reads a duration: numbers, each with its unit, added up; at most ten years.</summary>
    /// <param name="text">The text.</param>
    /// <param name="duration">The time; not negative.</param>
    /// <returns>False when it is no such duration.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        ReadOnlySpan<char> rest = text;
        if (rest.IsEmpty)
        {
            return false;
        }
        while (!rest.IsEmpty)
        {
            int digits = rest.IndexOfAnyExcept(s_number);
            // Decimal, so that 0.1s is 100 ms to the tick.
            if (
                digits <= 0
                || !decimal.TryParse(
                    rest[..digits],
                    NumberStyles.AllowDecimalPoint,
                    CultureInfo.InvariantCulture,
                    out decimal count
                )
            )
            {
                return false;
            }
            rest = rest[digits..];
            int unitLength = rest.IndexOfAny(s_number);
            ReadOnlySpan<char> unit = unitLength < 0 ? rest : rest[..unitLength];
            long ticksPerUnit = unit switch
            {
                "ms" => TimeSpan.TicksPerMillisecond,
                "s" => TimeSpan.TicksPerSecond,
                "m" => TimeSpan.TicksPerMinute,
                "h" => TimeSpan.TicksPerHour,
                _ => 0,
            };
            if (ticksPerUnit == 0 || count > (s_max - duration).Ticks / ticksPerUnit)
            {
                return false;
            }
            duration += TimeSpan.FromTicks((long)(count * ticksPerUnit));
            rest = rest[unit.Length..];
        }
        return true;
    }
}
