namespace Ocx.Text.Tests;

public sealed class Rfc3339Tests
{
    [Theory]
    [InlineData(0, "1970-01-01T00:00:00.000000000Z")]
    [InlineData(1_769_004_930_123_456_789, "2026-01-21T14:15:30.123456789Z")]
    [InlineData(951_782_399_999_999_999, "2000-02-28T23:59:59.999999999Z")]
    [InlineData(long.MaxValue, "2262-04-11T23:47:16.854775807Z")]
    public void A_time_has_all_nine_digits(long unixNs, string expected) =>
        Assert.Equal(expected, Rfc3339.Format(unixNs));

    [Theory]
    [InlineData(0)]
    [InlineData(1_769_004_930_123_456_789)]
    [InlineData(7_289_654_399_999_999_999)] // the last of 2200
    public void A_time_that_was_written_is_read_again(long unixNs)
    {
        Assert.True(Rfc3339.TryParse(Rfc3339.Format(unixNs), out long read));
        Assert.Equal(unixNs, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-01-21T14:15:30Z")]
    [InlineData("2026-01-21T14:15:30.12345678 Z")]
    [InlineData("2026-01-21T14:15:30.+23456789Z")]
    [InlineData("2026-13-21T14:15:30.123456789Z")]
    [InlineData("2026-01-21T14:15:30.123456789X")]
    [InlineData("1969-12-31T23:59:59.999999999Z")]
    [InlineData("2201-01-01T00:00:00.000000000Z")]
    [InlineData("9999-12-31T23:59:59.999999999Z")]
    public void What_is_no_such_time_is_refused(string text) => Assert.False(Rfc3339.TryParse(text, out _));
}
