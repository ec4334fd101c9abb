using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ocx.Fuzz;
using Ocx.Mcp.JsonRpc;

namespace Ocx.Mcp.Tests.JsonRpc;

/// <summary>The tokens of JSON texts, well-formed and not, whole and cut, beside the platform's reader.</summary>
public class JsonTokensTests
{
    // What a text is made of, and what it is spoilt with.
    private static readonly string[] s_pieces =
    [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        " ",
        "\n",
        "\t",
        "\r",
        "\"",
        "\\",
        "\\\"",
        "\\\\",
        "\\/",
        "\\n",
        "\\u00e9",
        "\\u12",
        "\\ud83d",
        "\\x",
        "\u0001",
        "\u001f",
        "\u007f",
        "é",
        "/",
        "//",
        "null",
        "true",
        "false",
        "nul",
        "tru",
        "fals",
        "truex",
        "0",
        "-0",
        "01",
        "-",
        "-1",
        "12",
        "1.5",
        "1.",
        ".5",
        "1e3",
        "1E+",
        "1e-2x",
        "+1",
        "NaN",
        "\"a\":",
        "\"a\" :",
        "\"\":",
        "\"text\"",
        "\"\\u0041\"",
        "\uFEFF",
        "a string that is longer than a vector",
    ];

    private static readonly string[] s_scalars = ["true", "false", "null", "-0.5e+10", "1E5", "0"];

    private static readonly string[] s_ends = ["", "", "\\n", "\\\"", "\\u0041", "é", "😀"];

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("{}")]
    [InlineData(" [ ] ")]
    [InlineData("{}{}")]
    [InlineData("{},")]
    [InlineData("1 2")]
    [InlineData("[1,]")]
    [InlineData("{\"a\":1,}")]
    [InlineData("[}")]
    [InlineData("{]")]
    [InlineData("[1}")]
    [InlineData("{\"a\":[1,2,{\"b\":null}],\"c\":\"\"}")]
    [InlineData("{\"a\"1}")]
    [InlineData("{\"a\":}")]
    [InlineData("{1:2}")]
    [InlineData("[\"0123456789abcdef\",\"0123456789abcde\\n\",\"0123456789abcdef0123456789abcde\"]")]
    public void Are_those_that_the_platform_finds(string json) => Agree(json);

    [Fact]
    public void Are_those_that_the_platform_finds_at_any_depth()
    {
        for (int depth = JsonTokens.MaxDepth - 3; depth < JsonTokens.MaxDepth + 3; depth++)
        {
            var nested = new StringBuilder("1");
            for (int level = depth; level > 0; level--)
            {
                // Objects and arrays in no regular order.
                nested =
                    (level * 7 % 3) == 0 ? nested.Insert(0, "{\"a\":").Append('}') : nested.Insert(0, '[').Append(']');
            }

            Agree(nested.ToString());
            Agree(nested.ToString().Replace("}]", "]]", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Are_those_that_the_platform_finds_whatever_the_text_is() =>
        Prop.ForAll(
                Gen.Choose(0, int.MaxValue).ToArbitrary(),
                seed =>
                {
                    var random = new Random(seed);
                    var text = new StringBuilder();
                    Write(text, random, depth: 0);
                    for (int faults = random.Next(3); faults > 0; faults--)
                    {
                        Spoil(text, random);
                    }

                    Agree(text.ToString());
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    [Fact]
    public void What_is_not_well_formed_stays_so()
    {
        var tokens = new JsonTokens("{\"a\":1,]}"u8);
        while (tokens.Read()) { }

        Assert.True(tokens.IsMalformed);
        Assert.False(tokens.Read());
        Assert.True(tokens.IsMalformed);
    }

    private static void Agree(string json)
    {
        byte[] text = Encoding.UTF8.GetBytes(json);
        foreach (bool mayEnd in new[] { false, true })
        {
            Assert.Equal(string.Empty, TokenAgreement.Difference(text, mayEnd) ?? string.Empty);
        }
    }

    private static void Write(StringBuilder text, Random random, int depth)
    {
        Blanks(text, random);
        switch (random.Next(depth > 4 ? 4 : 7))
        {
            case 0:
                text.Append(random.Next(-1000, 1000));
                break;
            case 1:
                text.Append(s_scalars[random.Next(s_scalars.Length)]);
                break;
            case 2:
            case 3:
                WriteText(text, random);
                break;
            case 4:
                text.Append('[');
                for (int count = random.Next(4); count > 0; count--)
                {
                    Write(text, random, depth + 1);
                    text.Append(count > 1 ? "," : "");
                }

                Blanks(text, random);
                text.Append(']');
                break;
            default:
                text.Append('{');
                for (int count = random.Next(4); count > 0; count--)
                {
                    Blanks(text, random);
                    WriteText(text, random);
                    Blanks(text, random);
                    text.Append(':');
                    Write(text, random, depth + 1);
                    text.Append(count > 1 ? "," : "");
                }

                Blanks(text, random);
                text.Append('}');
                break;
        }

        Blanks(text, random);
    }

    private static void WriteText(StringBuilder text, Random random)
    {
        text.Append('"');
        for (int count = random.Next(4); count > 0; count--)
        {
            text.Append(new string((char)random.Next('a', 'z'), random.Next(random.Next(5) == 0 ? 200 : 20)));
            text.Append(s_ends[random.Next(s_ends.Length)]);
        }

        text.Append('"');
    }

    private static void Blanks(StringBuilder text, Random random) =>
        text.Append(' ', random.Next(4) == 0 ? random.Next(3) : 0);

    private static void Spoil(StringBuilder text, Random random)
    {
        int at = random.Next(text.Length + 1);
        switch (random.Next(3))
        {
            case 0:
                text.Length = at;
                break;
            case 1:
                text.Remove(at, Math.Min(text.Length - at, random.Next(1, 4)));
                break;
            default:
                text.Insert(at, s_pieces[random.Next(s_pieces.Length)]);
                break;
        }
    }
}
