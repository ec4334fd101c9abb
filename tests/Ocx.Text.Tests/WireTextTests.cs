namespace Ocx.Text.Tests;

public sealed class WireTextTests
{
    [Theory]
    [InlineData("tools/call", "tools/call")]
    [InlineData("größe 測試 🦀 a\\b", "größe 測試 🦀 a\\b")]
    [InlineData("a\nb\r\tc", "a\\nb\\r\\tc")]
    [InlineData("\u001b[2J", "\\u{1b}[2J")]
    [InlineData("\u007f\u009b", "\\u{7f}\\u{9b}")]
    [InlineData("a\u202eb\u200b\u2028", "a\\u{202e}b\\u{200b}\\u{2028}")]
    [InlineData("\u3164\ufe0f\u034f", "\\u{3164}\\u{fe0f}\\u{34f}")]
    [InlineData("\U000e0041", "\\u{e0041}")]
    public void What_is_not_plain_stands_as_an_escape(string text, string shown) =>
        Assert.Equal(shown, WireText.Escape(text));

    [Fact]
    public void Half_a_surrogate_pair_is_named() =>
        Assert.Equal("a\\u{d83d}b", WireText.Escape("a" + (char)0xd83d + "b"));

    [Fact]
    public void Bytes_that_are_no_UTF8_are_named_each() =>
        Assert.Equal("a\\xff\\xe2\\x82b", WireText.Escape([(byte)'a', 0xff, 0xe2, 0x82, (byte)'b']));

    [Theory]
    [InlineData("add", 6, "'add'")]
    [InlineData("a' or 'b", 20, "'a\\' or \\'b'")]
    [InlineData("a\\'", 20, "'a\\\\\\''")]
    [InlineData("a\nb", 20, "'a\\nb'")]
    [InlineData("abcdef", 5, "'abcd…'")]
    public void A_quotation_ends_where_it_should(string text, int longest, string shown) =>
        Assert.Equal(shown, WireText.Quote(text, longest));

    [Theory]
    [InlineData("abcdef", 6, "abcdef")]
    [InlineData("abcdef", 5, "abcd…")]
    [InlineData("abcdef", 1, "…")]
    [InlineData("ab\u202e", 4, "ab…")]
    [InlineData("ab🦀c", 4, "ab…")]
    [InlineData("ab🦀c", 5, "ab🦀c")]
    public void A_long_text_is_cut_between_characters(string text, int longest, string shown) =>
        Assert.Equal(shown, WireText.Escape(text, longest));

    [Fact]
    public void Whatever_comes_the_result_is_plain_and_within_its_bound()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        for (int round = 0; round < 20_000; round++)
        {
            var units = new char[random.Next(40)];
            for (int i = 0; i < units.Length; i++)
            {
                units[i] = (char)random.Next(random.Next(2) == 0 ? 0x100 : 0x10000);
            }

            int longest = random.Next(1, 60);
            string shown = WireText.Escape(new string(units), longest);
            Assert.True(shown.Length <= longest, $"seed {seed}: {shown.Length} of {longest}");
            Assert.True(shown.EnumerateRunes().All(WireText.IsPlain), $"seed {seed}: {shown}");
            byte[] bytes = new byte[random.Next(40)];
            random.NextBytes(bytes);
            Assert.True(WireText.Escape(bytes).EnumerateRunes().All(WireText.IsPlain), $"seed {seed}");
        }
    }
}
