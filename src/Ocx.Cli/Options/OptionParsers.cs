using System.Globalization;
using Ocx.Text;

namespace Ocx.Cli.Options;

/// <summary>
/// One parser for each kind of value: the value, or a <see cref="FormatException"/> that says what is wanted.
/// </summary>
internal static class OptionParsers
{
    // What a timer of the platform can wait for, and more than anyone will.
    private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(30);

    /// <summary><c>500ms</c>, <c>10s</c>, <c>1m30s</c>, <c>1h</c>.</summary>
    public static TimeSpan Duration(string text) =>
        Durations.TryParse(text, out TimeSpan duration) && duration > TimeSpan.Zero
            ? duration
            : throw new FormatException("want a duration above zero, such as 500ms, 10s, 5m or 1h");

    /// <summary>The same, for what is waited for: from a millisecond to 30 days.</summary>
    public static TimeSpan Wait(string text) =>
        Duration(text) is var duration && duration >= TimeSpan.FromMilliseconds(1) && duration <= s_longestWait
            ? duration
            : throw new FormatException("want a duration from 1ms to 720h");

    /// <summary><c>65536</c>, <c>64Ki</c>, <c>64Mi</c>, <c>1Gi</c>.</summary>
    public static long Size(string text) =>
        ByteSize.TryParse(text, out long bytes) && bytes > 0
            ? bytes
            : throw new FormatException("want a size above zero, such as 64Mi");

    /// <summary>TCP ports, in a comma list.</summary>
    public static IReadOnlyList<ushort> Ports(string text) =>
        [
            .. text.Split(',')
                .Select(item =>
                    ushort.TryParse(item, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0
                        ? port
                        : throw new FormatException($"'{item}' is no TCP port: want 1 to 65535")
                ),
        ];

    /// <summary>A whole number.</summary>
    public static int Count(string text, int largest) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count <= largest
            ? count
            : throw new FormatException($"want a whole number, at most {largest}");

    /// <summary><c>table</c>, <c>wide</c> or <c>json</c>.</summary>
    public static OutputFormat Output(string text) =>
        text switch
        {
            "table" => OutputFormat.Table,
            "wide" => OutputFormat.Wide,
            "json" => OutputFormat.Json,
            _ => throw new FormatException("want table, wide or json"),
        };
}
