using System.Text;

namespace Ocx.Text.Tests;

/// <summary>Objects that other programs wrote are read strictly, or not at all.</summary>
public sealed class WireObjectTests
{
    [Fact]
    public void Members_are_read_by_kind_and_what_is_absent_is_empty()
    {
        WireObject read = WireObject.Parse(
            """{"t":"a\ud83d\n\ud83d\ude00","n":-7,"f":true,"o":{"x":1},"\ud800":[ 1 ]}"""u8
        );

        Assert.Equal("a\ufffd\n\U0001f600", read.Text("t"));
        Assert.Equal(-7, read.Number("n", least: -7));
        Assert.True(read.Flag("f"));
        Assert.Equal(1, read.Inner("o")!.Number("x"));
        Assert.Equal(["t", "n", "f", "o", "\ufffd"], read.Members.Select(member => member.Name));
        Assert.Equal("[ 1 ]", Encoding.UTF8.GetString(read.Members.Last().Json.Span));
        Assert.Equal(
            ("", null, false, null, true),
            (read.Text("-"), read.Number("-"), read.Flag("-"), read.Inner("-"), read.Json("-").IsEmpty)
        );
    }

    [Fact]
    public void Another_kind_and_a_number_out_of_range_are_refused()
    {
        WireObject read = WireObject.Parse("""{"t":"1","n":1.5,"big":9223372036854775808,"f":null,"port":65536}"""u8);

        Assert.Throws<FormatException>(() => read.Number("t"));
        Assert.Throws<FormatException>(() => read.Number("n"));
        Assert.Throws<FormatException>(() => read.Number("big"));
        Assert.Throws<FormatException>(() => read.Number("port", most: 65535));
        Assert.Throws<FormatException>(() => read.Flag("f"));
        Assert.Throws<FormatException>(() => read.Text("n"));
        Assert.Throws<FormatException>(() => read.Inner("t"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a\":1}{}")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"a\":1,\"\\u0061\":2}")]
    [InlineData("{\"\\ud800\":1,\"\\udbff\":2}")]
    public void What_is_no_object_or_says_two_things_is_refused(string json) =>
        Assert.Throws<FormatException>(() => WireObject.Parse(Encoding.UTF8.GetBytes(json)));
}
