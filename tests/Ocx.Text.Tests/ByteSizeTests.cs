using FsCheck;
using FsCheck.Fluent;

namespace Ocx.Text.Tests;

public class ByteSizeTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("65536", 65536)]
    [InlineData("64Ki", 65536)]
    [InlineData("16Mi", 16 * 1024 * 1024)]
    [InlineData("1Gi", 1L << 30)]
    public void Sizes_are_read_as_Kubernetes_writes_them(string text, long bytes)
    {
        Assert.True(ByteSize.TryParse(text, out long parsed));
        Assert.Equal(bytes, parsed);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Mi")]
    [InlineData("-1Mi")]
    [InlineData("1.5Mi")]
    [InlineData("16MB")]
    [InlineData("16 Mi")]
    [InlineData("9999999999999Gi")]
    [InlineData("0x10")]
    public void Anything_else_is_no_size(string? text) => Assert.False(ByteSize.TryParse(text, out _));

    [Fact]
    public void What_is_written_is_read_back() =>
        Prop.ForAll<NonNegativeInt, int>(
                (number, unit) =>
                {
                    long bytes = (long)number.Get << (Math.Abs(unit % 3) * 10);
                    return ByteSize.TryParse(ByteSize.Format(bytes), out long back) && back == bytes;
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void No_text_makes_the_parser_throw_or_accept_other_than_digits_and_a_unit() =>
        Prop.ForAll<string>(text =>
                !ByteSize.TryParse(text, out _)
                || text.Replace("Ki", "", StringComparison.Ordinal)
                    .Replace("Mi", "", StringComparison.Ordinal)
                    .Replace("Gi", "", StringComparison.Ordinal)
                    .All(c => char.IsDigit(c))
            )
            .QuickCheckThrowOnFailure();
}
