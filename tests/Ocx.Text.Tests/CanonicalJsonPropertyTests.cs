using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace Ocx.Text.Tests;

/// <summary>A value is made and spelled in two ways: the canonical form does not tell them apart.</summary>
public sealed class CanonicalJsonPropertyTests
{
    private static readonly Arbitrary<int> s_seeds = Gen.Choose(0, int.MaxValue).ToArbitrary();

    [Fact]
    public void The_spelling_does_not_change_the_form() =>
        Prop.ForAll(
                s_seeds,
                seed =>
                {
                    object? value = Value(new Random(seed), 4);
                    byte[] once = Write(Spell(value, new Random(seed + 1)))!;
                    byte[] again = Write(Spell(value, new Random(seed + 2)))!;
                    return once.AsSpan().SequenceEqual(again);
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void The_form_of_the_form_is_itself_and_says_so() =>
        Prop.ForAll(
                s_seeds,
                seed =>
                {
                    byte[] spelled = Spell(Value(new Random(seed), 4), new Random(seed));
                    byte[] once = Write(spelled)!;
                    return once.AsSpan().SequenceEqual(Write(once))
                        && CanonicalJson.IsCanonical(once)
                        && CanonicalJson.IsCanonical(spelled) == once.AsSpan().SequenceEqual(spelled);
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void The_form_has_the_value() =>
        Prop.ForAll(
                s_seeds,
                seed =>
                {
                    byte[] spelled = Spell(Value(new Random(seed), 4), new Random(seed));
                    return IsSame(JsonNode.Parse(spelled), JsonNode.Parse(Write(spelled)!));
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Every_double_comes_back_in_its_one_form() =>
        Prop.ForAll(
                s_seeds,
                seed =>
                {
                    double value = Number(new Random(seed));
                    string text = Encoding.ASCII.GetString(Write(SpellNumber(value, new Random(seed)))!);
                    string magnitude = text.TrimStart('-');
                    double size = Math.Abs(value);
                    return double.Parse(text, CultureInfo.InvariantCulture) == value
                        && (size == 0 || (size is >= 1e-6 and < 1e21) != text.Contains('e'))
                        && (magnitude[0] != '0' || magnitude.Length == 1 || magnitude[1] == '.')
                        && !(text.Contains('.') && text.Split('e')[0].EndsWith('0'));
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Damaged_text_is_refused_or_canonical()
    {
        int seed = System.Random.Shared.Next();
        var random = new Random(seed);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] json = Spell(Value(random, 2), random);
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                json[random.Next(json.Length)] =
                    random.Next(2) == 0 ? (byte)random.Next(256) : (byte)random.Next(32, 127);
            }

            byte[]? written = Write(json);
            Assert.True(
                written is null
                    ? !CanonicalJson.IsCanonical(json)
                    : CanonicalJson.IsCanonical(written)
                        && CanonicalJson.IsCanonical(json) == written.AsSpan().SequenceEqual(json),
                $"seed {seed}"
            );
        }
    }

    private static object? Value(Random random, int depth)
    {
        switch (random.Next(depth == 0 ? 5 : 7))
        {
            case 0:
                return null;
            case 1:
                return random.Next(2) == 0;
            case 2:
                return Number(random);
            case 3 or 4:
                return Text(random);
            case 5:
                return Enumerable.Range(0, random.Next(5)).Select(_ => Value(random, depth - 1)).ToList();
            default:
                var members = new Dictionary<string, object?>(StringComparer.Ordinal);
                for (int i = random.Next(8); i > 0; i--)
                {
                    members[Text(random)] = Value(random, depth - 1);
                }

                return members;
        }
    }

    private static double Number(Random random)
    {
        double value = random.Next(4) switch
        {
            0 => random.Next(-1000, 1000),
            1 => Math.Round(random.NextDouble() * 1000, random.Next(8)),
            2 => random.NextInt64(1L << 53),
            _ => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
        };
        return double.IsFinite(value) ? value : 0.1;
    }

    private static string Text(Random random)
    {
        string[] pieces =
        [
            "a",
            "b",
            "\"",
            "\\",
            "/",
            "\n",
            "\u0001",
            "\u007f",
            "é",
            "\u2028",
            "\uE000",
            "\uFFFD",
            "😀",
            "𐀀",
        ];
        return string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ => pieces[random.Next(pieces.Length)]));
    }

    private static byte[] Spell(object? value, Random random)
    {
        var to = new StringBuilder();
        Spell(value, random, to);
        return Encoding.UTF8.GetBytes(to.ToString());
    }

    private static void Spell(object? value, Random random, StringBuilder to)
    {
        Space(random, to);
        switch (value)
        {
            case null:
                to.Append("null");
                break;
            case bool truth:
                to.Append(truth ? "true" : "false");
                break;
            case double number:
                to.Append(Encoding.ASCII.GetString(SpellNumber(number, random)));
                break;
            case string text:
                SpellText(text, random, to);
                break;
            case List<object?> elements:
                to.Append('[');
                for (int i = 0; i < elements.Count; i++)
                {
                    to.Append(i > 0 ? "," : "");
                    Spell(elements[i], random, to);
                }

                to.Append(']');
                break;
            case Dictionary<string, object?> members:
                to.Append('{');
                KeyValuePair<string, object?>[] shuffled = [.. members];
                random.Shuffle(shuffled);
                for (int i = 0; i < shuffled.Length; i++)
                {
                    to.Append(i > 0 ? "," : "");
                    Space(random, to);
                    SpellText(shuffled[i].Key, random, to);
                    Space(random, to);
                    to.Append(':');
                    Spell(shuffled[i].Value, random, to);
                }

                to.Append('}');
                break;
            default:
                throw new ArgumentException("no JSON value", nameof(value));
        }

        Space(random, to);
    }

    private static void Space(Random random, StringBuilder to)
    {
        if (random.Next(4) == 0)
        {
            to.Append(" \t\r\n"[random.Next(4)]);
        }
    }

    private static byte[] SpellNumber(double value, Random random)
    {
        string text = value.ToString("E16", CultureInfo.InvariantCulture);
        if (random.Next(3) == 0)
        {
            text = value.ToString("R", CultureInfo.InvariantCulture);
        }
        else if (random.Next(2) == 0)
        {
            // The point moved by 0 to 400 places, the exponent to make up for it.
            string[] parts = text.Split('E');
            int places = random.Next(400);
            string digits = parts[0].TrimStart('-').Replace(".", "", StringComparison.Ordinal);
            int exponent = int.Parse(parts[1], CultureInfo.InvariantCulture) + places + 1;
            string sign = text[0] == '-' ? "-" : "";
            text = $"{sign}0.{new string('0', places)}{digits}e{exponent}";
        }

        return Encoding.ASCII.GetBytes(text);
    }

    private static void SpellText(string text, Random random, StringBuilder to)
    {
        to.Append('"');
        foreach (char unit in text)
        {
            if (random.Next(3) == 0 || unit < ' ')
            {
                string code = ((int)unit).ToString(random.Next(2) == 0 ? "x4" : "X4", CultureInfo.InvariantCulture);
                to.Append("\\u").Append(code);
            }
            else if (unit is '"' or '\\' || (unit == '/' && random.Next(2) == 0))
            {
                to.Append('\\').Append(unit);
            }
            else if (char.IsSurrogate(unit))
            {
                // One half as an escape and the other as bytes is no Unicode text: both as escapes.
                to.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
            }
            else
            {
                to.Append(unit);
            }
        }

        to.Append('"');
    }

    private static bool IsSame(JsonNode? a, JsonNode? b) =>
        (a, b) switch
        {
            (JsonObject x, JsonObject y) => x.Count == y.Count
                && x.All(member =>
                    y.TryGetPropertyValue(member.Key, out JsonNode? other) && IsSame(member.Value, other)
                ),
            (JsonArray x, JsonArray y) => x.Count == y.Count && x.Zip(y).All(pair => IsSame(pair.First, pair.Second)),
            (JsonValue x, JsonValue y) when x.TryGetValue(out double number) => number == y.GetValue<double>(),
            (JsonValue x, JsonValue y) when x.TryGetValue(out string? text) => text == y.GetValue<string>(),
            (JsonValue x, JsonValue y) => x.GetValueKind() == y.GetValueKind(),
            _ => a is null && b is null,
        };

    private static byte[]? Write(byte[] json)
    {
        var output = new ArrayBufferWriter<byte>();
        return CanonicalJson.TryWrite(json, output) ? output.WrittenSpan.ToArray() : null;
    }
}
