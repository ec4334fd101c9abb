using System.Text;
using System.Text.Json;

namespace Ocx.Text.Tests;

public sealed class YamlJsonTests
{
    [Theory]
    [InlineData("\ud83d\ude00")]
    [InlineData("a \ud83d\udd27 b \udb40\udc01\ud83d\udd27")]
    [InlineData("\\ud83d\\ude00")]
    [InlineData("\\\ud83d\ude00\\\\")]
    [InlineData("\u0000\"\n\u202e\u2028\ufffe/<é")]
    [InlineData("")]
    public void It_is_the_same_text_without_halves_of_characters(string text)
    {
        byte[] json = YamlJson.Of(JsonSerializer.SerializeToUtf8Bytes(new[] { text, "ascii" }));

        Assert.Equal([text, "ascii"], JsonSerializer.Deserialize<string[]>(json)!);
        string written = Encoding.UTF8.GetString(json);
        Assert.DoesNotMatch(@"(?<!\\)(\\\\)*\\u[dD][89abAB]", written);
    }
}
