using System.Text;
using Ocx.Mcp.Http;

namespace Ocx.Mcp.Tests.Http;

/// <summary>
/// Names of header fields and tokens in their values mean the same in capitals, and nothing else is taken for them.
/// </summary>
public sealed class TokenTests
{
    [Theory]
    [InlineData("host")]
    [InlineData("mcp-name")]
    [InlineData("x-api-key")]
    [InlineData("mcp-method")]
    [InlineData("mcp-session-id")]
    [InlineData("content-encoding")]
    [InlineData("text/event-stream")]
    [InlineData("mcp-protocol-version")]
    public void Every_byte_in_every_place_is_told_apart_but_a_letter_from_its_capital(string token)
    {
        byte[] lower = Encoding.ASCII.GetBytes(token);
        for (int place = 0; place < lower.Length; place++)
        {
            for (int other = 0; other < 256; other++)
            {
                byte[] text = Encoding.ASCII.GetBytes(place % 2 == 0 ? token.ToUpperInvariant() : token);
                text[place] = (byte)other;
                bool same =
                    other == lower[place] || (char.IsAsciiLetterUpper((char)other) && (other | 0x20) == lower[place]);
                Assert.True(same == Token.Is(text, lower), $"byte {other} in place {place}");
            }
        }
    }

    [Theory]
    [InlineData("", "mcp-name")]
    [InlineData("mcp-nam", "mcp-name")]
    [InlineData("mcp-names", "mcp-name")]
    [InlineData("mcp-protocol-versio", "mcp-protocol-version")]
    [InlineData("mcp-protocol-version-", "mcp-protocol-version")]
    public void A_beginning_or_a_longer_name_is_another_one(string text, string lower) =>
        Assert.False(Token.Is(Encoding.ASCII.GetBytes(text), Encoding.ASCII.GetBytes(lower)));
}
