using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;
using static Ocx.Audit.Expressions.CelType;

namespace Ocx.Audit.Expressions;

/// <summary>The functions that make one type of another.</summary>
internal static partial class Conversions
{
    private static readonly SearchValues<char> s_number = SearchValues.Create("0123456789.");

    // Longer text is no number and no time.
    private const int LongestText = 64;
    private const double TwoTo63 = 9223372036854775808.0;
    private static readonly long s_firstSecond = -DateTime.UnixEpoch.Ticks / TimeSpan.TicksPerSecond;
    private static readonly long s_lastSecond =
        (DateTime.MaxValue - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond;

    /// <summary>Every overload.</summary>
    public static IReadOnlyList<CelFunction> All { get; } =
    [
        new("int", CallStyle.Global, [Int], Int, CelFunctions.Same),
        new("int", CallStyle.Global, [CelType.Double], Int, IntOfDouble),
        new("int", CallStyle.Global, [CelType.String], Int, IntOfText),
        new("int", CallStyle.Global, [Timestamp], Int, IntOfTime),
        new("double", CallStyle.Global, [CelType.Double], CelType.Double, CelFunctions.Same),
        new("double", CallStyle.Global, [Int], CelType.Double, (_, in a, in _) => CelValue.Of((double)a.Int)),
        new("double", CallStyle.Global, [CelType.String], CelType.Double, DoubleOfText),
        new("bool", CallStyle.Global, [Bool], Bool, CelFunctions.Same),
        new("bool", CallStyle.Global, [CelType.String], Bool, BoolOfText),
        new("string", CallStyle.Global, [CelType.String], CelType.String, CelFunctions.Same),
        new("string", CallStyle.Global, [Bool], CelType.String, (_, in a, in _) => Text(a.IsTrue ? "true" : "false")),
        new("string", CallStyle.Global, [Int], CelType.String, (_, in a, in _) => Text($"{a.Int}")),
        new("string", CallStyle.Global, [CelType.Double], CelType.String, (_, in a, in _) => Text($"{a.Double}")),
        new("string", CallStyle.Global, [Timestamp], CelType.String, TextOfTime),
        new("string", CallStyle.Global, [Duration], CelType.String, (_, in a, in _) => Text($"{Seconds(a.Duration)}s")),
        new("timestamp", CallStyle.Global, [Timestamp], Timestamp, CelFunctions.Same),
        new("timestamp", CallStyle.Global, [CelType.String], Timestamp, TimeOfText),
        new("timestamp", CallStyle.Global, [Int], Timestamp, TimeOfInt),
        new("duration", CallStyle.Global, [Duration], Duration, CelFunctions.Same),
        new("duration", CallStyle.Global, [CelType.String], Duration, DurationOfText),
    ];

    private static CelValue Text(FormattableString text) => CelValue.Of(text.ToString(CultureInfo.InvariantCulture));

    private static CelValue Text(string text) => CelValue.Of(text);

    private static CelValue IntOfDouble(Evaluation evaluation, in CelValue a, in CelValue b) =>
        a.Double is > -TwoTo63 and < TwoTo63 ? CelValue.Of((long)a.Double) : CelValue.Error("it is out of bounds");

    private static CelValue IntOfText(Evaluation evaluation, in CelValue a, in CelValue b) =>
        a.String.Length <= LongestText
        && long.TryParse(a.String, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? CelValue.Of(number)
            : CelValue.Error("the text is no int");

    private static CelValue IntOfTime(Evaluation evaluation, in CelValue a, in CelValue b) =>
        CelValue.Of((long)Math.Floor((a.Time - DateTime.UnixEpoch).TotalSeconds));

    private static CelValue DoubleOfText(Evaluation evaluation, in CelValue a, in CelValue b) =>
        a.String.Length <= LongestText
        && double.TryParse(
            a.String,
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture,
            out var number
        )
            ? CelValue.Of(number)
            : CelValue.Error("the text is no double");

    private static CelValue BoolOfText(Evaluation evaluation, in CelValue a, in CelValue b) =>
        a.String switch
        {
            "true" or "True" or "TRUE" or "t" or "1" => CelValue.True,
            "false" or "False" or "FALSE" or "f" or "0" => CelValue.False,
            _ => CelValue.Error("the text is no bool"),
        };

    private static CelValue TextOfTime(Evaluation evaluation, in CelValue a, in CelValue b) =>
        CelValue.Of(a.Time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));

    private static decimal Seconds(TimeSpan duration) => (decimal)duration.Ticks / TimeSpan.TicksPerSecond;

    private static CelValue TimeOfInt(Evaluation evaluation, in CelValue a, in CelValue b) =>
        a.Int >= s_firstSecond && a.Int <= s_lastSecond
            ? CelValue.Of(DateTime.UnixEpoch.AddTicks(a.Int * TimeSpan.TicksPerSecond))
            : CelValue.Error("it is out of bounds");

    // RFC 3339: a time without its zone is none.
    private static CelValue TimeOfText(Evaluation evaluation, in CelValue a, in CelValue b) =>
        a.String.Length <= LongestText
        && (a.String.EndsWith('Z') || a.String is [.., '+' or '-', _, _, ':', _, _])
        && DateTimeOffset.TryParseExact(
            FractionBeyond100Nanoseconds().Replace(a.String, "$1"),
            "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var time
        )
            ? CelValue.Of(time.UtcDateTime)
            : CelValue.Error("the text is no time such as 2026-07-28T12:00:00Z");

    private static CelValue DurationOfText(Evaluation evaluation, in CelValue a, in CelValue b) =>
        a.String.Length <= LongestText && TryParse(a.String, out var duration)
            ? CelValue.Of(duration)
            : CelValue.Error("the text is no duration such as 90s or 1h30m");

    // Go's form: numbers with units, one behind the other.
    private static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = default;
        var isNegative = text.StartsWith('-');
        text = isNegative || text.StartsWith('+') ? text[1..] : text;
        double seconds = 0;
        var hasPart = false;
        while (text.Length > 0)
        {
            var digits = text.IndexOfAnyExcept(s_number);
            if (digits <= 0 || !double.TryParse(text[..digits], CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            text = text[digits..];
            var (unit, length) = text switch
            {
                ['m', 's', ..] => (1e-3, 2),
                ['u', 's', ..] => (1e-6, 2),
                ['n', 's', ..] => (1e-9, 2),
                ['h', ..] => (3600.0, 1),
                ['m', ..] => (60.0, 1),
                ['s', ..] => (1.0, 1),
                _ => (0, 0),
            };
            if (length == 0)
            {
                return false;
            }

            seconds += number * unit;
            text = text[length..];
            hasPart = true;
        }

        if (!hasPart || seconds > CelLimits.Duration.TotalSeconds)
        {
            return false;
        }

        duration = TimeSpan.FromTicks((long)Math.Round((isNegative ? -seconds : seconds) * TimeSpan.TicksPerSecond));
        return true;
    }

    [GeneratedRegex(@"([.][0-9]{7})[0-9]{1,2}(?=[Z+-])")]
    private static partial Regex FractionBeyond100Nanoseconds();
}
