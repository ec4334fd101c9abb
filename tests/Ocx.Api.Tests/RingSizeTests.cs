using FsCheck;
using FsCheck.Fluent;
using Ocx.Text;

namespace Ocx.Api.Tests;

public sealed class RingSizeTests
{
    [Theory]
    [InlineData("64Ki", 65536)]
    [InlineData("16Mi", 16777216)]
    [InlineData("1Gi", 1073741824)]
    public void A_power_of_two_in_bounds_is_a_ring_size(string text, long bytes) =>
        Assert.Equal(bytes, RingSize.ToBytes(text));

    [Theory]
    [InlineData("32Ki")]
    [InlineData("2Gi")]
    [InlineData("10Mi")]
    [InlineData("16M")]
    [InlineData("16")]
    [InlineData("")]
    [InlineData("-1Mi")]
    public void Anything_else_is_not(string text) => Assert.Throws<FormatException>(() => RingSize.ToBytes(text));

    [Fact]
    public void Every_size_is_read_as_it_was_written() =>
        Prop.ForAll(
                Gen.Choose(16, 30).Select(shift => 1L << shift).ToArbitrary(),
                bytes => RingSize.ToBytes(ByteSize.Format(bytes)) == bytes
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void The_size_to_try_next_is_the_double_and_the_largest_has_none()
    {
        Assert.Equal("32Mi", RingSize.NextLarger("16Mi"));
        Assert.Equal("1Mi", RingSize.NextLarger("512Ki"));
        Assert.Null(RingSize.NextLarger("1Gi"));
    }

    [Theory]
    [InlineData("10s", 10)]
    [InlineData("5m", 300)]
    [InlineData("2h", 7200)]
    public void A_duration_is_a_number_and_a_unit(string text, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), ApiDuration.Parse(text));

    [Theory]
    [InlineData("0s")]
    [InlineData("10")]
    [InlineData("s")]
    [InlineData("1.5s")]
    [InlineData("10ms")]
    public void Anything_else_is_no_duration(string text) =>
        Assert.Throws<FormatException>(() => ApiDuration.Parse(text));
}
