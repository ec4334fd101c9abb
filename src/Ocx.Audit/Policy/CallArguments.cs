using System.Globalization;
using System.Text.Json;
using Ocx.Audit.Expressions;
using Ocx.Audit.Intents;

namespace Ocx.Audit.Policy;

/// <summary>
/// The arguments as values of CEL. A number is an int when it is written as one (no point, no exponent) and fits 64
/// bits, so that no identifier loses digits; else a double. Comparisons do not care, arithmetic does.
/// </summary>
internal static class CallArguments
{
    /// <summary>The largest arguments that rules read, in bytes; their values take some 25 times that.</summary>
    public const int Largest = 256 * 1024;

    private const int MostDigits = 28;
    private const decimal LargestCompared = 1e27m;

    private static readonly CelValue s_incomplete = CelValue.Error(
        "the arguments were not all seen; call.argumentsComplete asks for that"
    );
    private static readonly CelValue s_tooLarge = CelValue.Error(
        $"the arguments have more than {Largest / 1024} KiB; call.argumentsComplete asks for that"
    );
    private static readonly CelValue s_unreadable = CelValue.Error(
        "the arguments are no JSON that has one reading; call.argumentsComplete asks for that"
    );
    private static readonly CelValue s_noJson = CelValue.Error("it reads what is no JSON that has one reading");
    private static readonly CelValue s_inexact = CelValue.Error(
        "it reads a number that has more digits than CEL keeps"
    );

    /// <summary>What stands for what nobody may see, as agents and audits mask it.</summary>
    public const string Mask = "[redacted]";

    /// <summary>What whoever reads a masked value has instead.</summary>
    public static CelValue Masked { get; } = CelValue.Error("it reads what is masked");

    /// <summary>Reads them.</summary>
    /// <param name="intent">The call.</param>
    /// <param name="exact">
    /// Only what was sent will do: a masked text, and a number that cannot be kept, are errors at their place.
    /// </param>
    /// <returns>A map; an error when they are not all there or can be read in more than one way.</returns>
    public static CelValue Read(Intent intent, bool exact = false)
    {
        if (!intent.ArgumentsComplete)
        {
            return s_incomplete;
        }

        if (intent.Arguments.IsEmpty)
        {
            return CelValue.Of(new Dictionary<string, CelValue>());
        }

        if (intent.Arguments.Length > Largest)
        {
            return s_tooLarge;
        }

        try
        {
            var reader = new Utf8JsonReader(intent.Arguments.Span);
            reader.Read();
            var value = ReadValue(ref reader, exact);
            return reader.Read() || value.Type is not (CelType.Map or CelType.Error) ? s_unreadable : value;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: half of a pair of UTF-16.
            return s_unreadable;
        }
    }

    /// <summary>Reads any JSON of bounded length.</summary>
    /// <returns>Its value; an error when it can be read in more than one way, or in none.</returns>
    public static CelValue ReadAny(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            var value = ReadValue(ref reader, exact: false);
            return reader.Read() ? s_noJson : value;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return s_noJson;
        }
    }

    private static CelValue ReadValue(ref Utf8JsonReader reader, bool exact)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var map = new Dictionary<string, CelValue>();
                var isMasked = false;
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var name = reader.GetString()!;
                    reader.Read();
                    isMasked |= exact && name.Contains(Mask, StringComparison.Ordinal);

                    // Of two members of one name the server may take the other.
                    if (!map.TryAdd(name, ReadValue(ref reader, exact)))
                    {
                        throw new JsonException();
                    }
                }

                return isMasked ? Masked : CelValue.Of(map);
            case JsonTokenType.StartArray:
                var list = new List<CelValue>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    list.Add(ReadValue(ref reader, exact));
                }

                return CelValue.Of(list.ToArray());
            case JsonTokenType.String:
                var text = reader.GetString()!;
                return exact && text.Contains(Mask, StringComparison.Ordinal) ? Masked : CelValue.Of(text);
            case JsonTokenType.Number:
                return reader.TryGetInt64(out var whole) ? CelValue.Of(whole)
                    : exact && !IsExact(ref reader) ? s_inexact
                    : CelValue.Of(reader.GetDouble());
            case JsonTokenType.True:
                return CelValue.True;
            case JsonTokenType.False:
                return CelValue.False;
            default:
                return CelValue.Null;
        }
    }

    // Does a double hold the number as it is written? What a decimal does not hold either is not asked further.
    private static bool IsExact(ref Utf8JsonReader reader) =>
        reader.TryGetDecimal(out var written)
        && Math.Abs(written) < LargestCompared
        && decimal.TryParse(
            reader.GetDouble().ToString("R", CultureInfo.InvariantCulture),
            NumberStyles.Float,
            CultureInfo.InvariantCulture,
            out var kept
        )
        && kept == written
        && CountDigits(reader.ValueSpan) <= MostDigits;

    // A decimal rounds what has more.
    private static int CountDigits(ReadOnlySpan<byte> number) =>
        number.Length - number.Count((byte)'.') - number.Count((byte)'-');
}
