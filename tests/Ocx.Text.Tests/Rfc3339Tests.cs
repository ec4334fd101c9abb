namespace Ocx.Text.Tests;

public sealed class Rfc3339Tests
{
    [Theory]
    [InlineData(0, "1970-01-01T00:00:00.000000000Z")]
    [InlineData(1_769_004_930_123_456_789, "2026-01-21T14:15:30.123456789Z")]
    [InlineData(951_782_399_999_999_999, "2000-02-28T23:59:59.999999999Z")]
    [InlineData(long.MaxValue, "2262-04-11T23:47:16.854775807Z")]
    public void A_time_has_all_nine_digits(long unixNs, string expected) => Assert.Equal(expected, Rfc3339.Format(unixNs));
}
