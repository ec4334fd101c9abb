using System.Globalization;

namespace Ocx.Cli.Options;

/// <summary>One parser for each kind of value: the value, or a <see cref="FormatException"/> that says what is wanted.</summary>
internal static class OptionParsers
{
    private static readonly (string Unit, long Ticks)[] s_times =
    [
        ("ms", TimeSpan.TicksPerMillisecond), ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour),
    ];

    private static readonly (string Unit, int Shift)[] s_sizes = [("Ki", 10), ("Mi", 20), ("Gi", 30)];

    /// <summary><c>500ms</c>, <c>10s</c>, <c>5m</c>, <c>1h</c>: one number and one unit.</summary>
    public static TimeSpan Duration(string text)
    {
        foreach ((string unit, long ticks) in s_times)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && uint.TryParse(text.AsSpan(..^unit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
                && number is > 0 and <= 1_000_000)
            {
                return TimeSpan.FromTicks(number * ticks);
            }
        }

        throw new FormatException("want a duration above zero, such as 500ms, 10s, 5m or 1h");
    }

    /// <summary><c>65536</c>, <c>64Ki</c>, <c>64Mi</c>, <c>1Gi</c>.</summary>
    public static long Size(string text)
    {
        (string unit, int shift) = s_sizes.FirstOrDefault(size => text.EndsWith(size.Unit, StringComparison.Ordinal), (Unit: "", Shift: 0));
        return uint.TryParse(text.AsSpan(..^unit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out uint number) && number > 0
            ? (long)number << shift
            : throw new FormatException("want a size above zero, such as 64Mi");
    }

    /// <summary>TCP ports, in a comma list.</summary>
    public static IReadOnlyList<ushort> Ports(string text) => [.. text.Split(',').Select(item =>
        ushort.TryParse(item, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0
            ? port : throw new FormatException($"'{item}' is no TCP port: want 1 to 65535"))];

    /// <summary>A whole number of lines.</summary>
    public static int Count(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : throw new FormatException("want a whole number");

    /// <summary><c>table</c>, <c>wide</c> or <c>json</c>.</summary>
    public static OutputFormat Output(string text) => text switch
    {
        "table" => OutputFormat.Table,
        "wide" => OutputFormat.Wide,
        "json" => OutputFormat.Json,
        _ => throw new FormatException("want table, wide or json"),
    };
}
