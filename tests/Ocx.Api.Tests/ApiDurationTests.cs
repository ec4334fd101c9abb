using System.Text.RegularExpressions;

namespace Ocx.Api.Tests;

public sealed class ApiDurationTests
{
    [Theory]
    [InlineData("10s", "10s")]
    [InlineData("9999s", "9999s")]
    [InlineData("200m", "200m")]
    [InlineData("3h", "180m")]
    [InlineData("1440m", "1440m")]
    [InlineData("24h", "1440m")]
    public void What_is_written_is_a_duration_again_and_the_same(string given, string written)
    {
        var text = ApiDuration.Format(ApiDuration.Parse(given));
        Assert.Equal(written, text);
        Assert.Matches(new Regex(ApiDuration.Pattern), text);
        Assert.Equal(ApiDuration.Parse(given), ApiDuration.Parse(text));
    }

    [Fact]
    public void A_duration_that_is_too_long_is_the_longest() =>
        Assert.Equal("1440m", ApiDuration.Format(TimeSpan.FromDays(100_000)));

    [Theory]
    [InlineData("0s")]
    [InlineData("10000s")]
    [InlineData("1441m")]
    [InlineData("1500m")]
    [InlineData("2000m")]
    [InlineData("25h")]
    [InlineData("1200h")]
    [InlineData("1d")]
    [InlineData("1h30m")]
    [InlineData("")]
    public void What_no_timer_can_keep_is_no_duration(string text) =>
        Assert.Throws<FormatException>(() => ApiDuration.Parse(text));

    [Fact]
    public void Every_number_of_minutes_and_hours_up_to_a_day_is_a_duration()
    {
        Assert.All(Enumerable.Range(1, 1440), minutes => ApiDuration.Parse($"{minutes}m"));
        Assert.All(Enumerable.Range(1, 24), hours => ApiDuration.Parse($"{hours}h"));
    }
}
