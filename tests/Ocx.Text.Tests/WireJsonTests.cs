using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Ocx.Text.Tests;

public sealed class WireJsonTests
{
    [Theory]
    [InlineData("""{"a":1,"b":[true,null,"x"]}""", """{"a":1,"b":[true,null,"x"]}""")]
    [InlineData("[\n  {\"start\": 1}\n]", """[{"start":1}]""")]
    [InlineData("\"größe <b> & 'q'\"", "\"größe <b> & 'q'\"")]
    [InlineData("""1.50E+400""", """1.50E+400""")]
    [InlineData("\"a\u202eb\u200b\"", "\"a\\u202eb\\u200b\"")]
    [InlineData("\"\\u001b[2J\\u009b\"", "\"\\u001b[2J\\u009b\"")]
    [InlineData("\"\\ud83d!\"", "\"\uFFFD!\"")]
    [InlineData("\"\\ud83e\\udd80 🦀\"", "\"🦀 🦀\"")]
    [InlineData("{\"\\ud83d\":\"\\\"\\n\"}", "{\"\uFFFD\":\"\\\"\\n\"}")]
    [InlineData("{\"a\":", "\"[unreadable]\"")]
    [InlineData("1 2", "\"[unreadable]\"")]
    [InlineData("", "\"[unreadable]\"")]
    public void A_value_is_written_anew_on_one_line(string json, string written) =>
        Assert.Equal(written, Write(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Broken_UTF8_becomes_the_replacement_character() =>
        Assert.Equal("\"a\uFFFDb\"", Write([(byte)'"', (byte)'a', 0xff, (byte)'b', (byte)'"']));

    [Fact]
    public void A_value_nested_too_deep_is_replaced() =>
        Assert.Equal("\"[unreadable]\"", Write(Encoding.ASCII.GetBytes(new string('[', 600) + new string(']', 600))));

    [Fact]
    public void Whatever_comes_the_result_is_one_line_of_plain_JSON()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        string[] pieces =
        [
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "\"",
            "\\u",
            "d83d",
            "\\ud83d",
            "\\udd80",
            "\\n",
            "\n",
            "\r",
            " ",
            "1",
            "e5",
            "true",
            "\u202e",
            "\u001b",
            "🦀",
            "a",
        ];
        for (int round = 0; round < 20_000; round++)
        {
            var json = new List<byte>();
            bool text = random.Next(2) == 0;
            json.AddRange(text ? [(byte)'"'] : []);
            for (int i = random.Next(12); i > 0; i--)
            {
                json.AddRange(
                    random.Next(4) == 0
                        ? [(byte)random.Next(256)]
                        : Encoding.UTF8.GetBytes(pieces[random.Next(pieces.Length)])
                );
            }

            json.AddRange(text ? [(byte)'"'] : []);
            string written = Write([.. json]);
            Assert.True(
                written.EnumerateRunes().All(rune => WireText.IsPlain(rune) || rune.Value == 0xFFFD),
                $"seed {seed}: {written}"
            );
            using JsonDocument document = JsonDocument.Parse(written);
            foreach (JsonElement element in Strings(document.RootElement))
            {
                Assert.NotNull(element.GetString());
            }
        }
    }

    private static IEnumerable<JsonElement> Strings(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.String => [element],
            JsonValueKind.Array => element.EnumerateArray().SelectMany(Strings),
            JsonValueKind.Object => element.EnumerateObject().SelectMany(member => Strings(member.Value)),
            _ => [],
        };

    private static string Write(byte[] json)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output, WireJson.WriterOptions))
        {
            WireJson.WriteValue(writer, json);
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
