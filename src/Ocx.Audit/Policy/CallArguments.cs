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

    private static readonly CelValue s_incomplete = CelValue.Error(
        "the arguments were not all seen; call.argumentsComplete asks for that"
    );
    private static readonly CelValue s_tooLarge = CelValue.Error(
        $"the arguments have more than {Largest / 1024} KiB; call.argumentsComplete asks for that"
    );
    private static readonly CelValue s_unreadable = CelValue.Error(
        "the arguments are no JSON that has one reading; call.argumentsComplete asks for that"
    );

    /// <summary>Reads them.</summary>
    /// <returns>A map; an error when they are not all there or can be read in more than one way.</returns>
    public static CelValue Read(Intent intent)
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
            var value = ReadValue(ref reader);
            return reader.Read() || value.Type != CelType.Map ? s_unreadable : value;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: half of a pair of UTF-16.
            return s_unreadable;
        }
    }

    private static CelValue ReadValue(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var map = new Dictionary<string, CelValue>();
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var name = reader.GetString()!;
                    reader.Read();

                    // Of two members of one name the server may take the other.
                    if (!map.TryAdd(name, ReadValue(ref reader)))
                    {
                        throw new JsonException();
                    }
                }

                return CelValue.Of(map);
            case JsonTokenType.StartArray:
                var list = new List<CelValue>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    list.Add(ReadValue(ref reader));
                }

                return CelValue.Of(list.ToArray());
            case JsonTokenType.String:
                return CelValue.Of(reader.GetString()!);
            case JsonTokenType.Number:
                return reader.TryGetInt64(out var whole) ? CelValue.Of(whole) : CelValue.Of(reader.GetDouble());
            case JsonTokenType.True:
                return CelValue.True;
            case JsonTokenType.False:
                return CelValue.False;
            default:
                return CelValue.Null;
        }
    }
}
