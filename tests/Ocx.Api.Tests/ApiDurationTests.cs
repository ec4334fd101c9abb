using System.Text.RegularExpressions;

namespace Ocx.Api.Tests;

public sealed class ApiDurationTests
{
    [Theory]
    [InlineData("10s", "10s")]
    [InlineData("9999s", "9999s")]
    [InlineData("200m", "200m")]
    [InlineData("3h", "180m")]
    [InlineData("166h", "9960m")]
    [InlineData("167h", "167h")]
    [InlineData("9999h", "9999h")]
    public void What_is_written_is_a_duration_again_and_the_same(string given, string written)
    {
        var text = ApiDuration.Format(ApiDuration.Parse(given));
        Assert.Equal(written, text);
        Assert.Matches(new Regex(ApiDuration.Pattern), text);
        Assert.Equal(ApiDuration.Parse(given), ApiDuration.Parse(text));
    }

    [Fact]
    public void A_duration_that_is_too_long_is_the_longest() =>
        Assert.Equal("9999h", ApiDuration.Format(TimeSpan.FromDays(100_000)));
}
