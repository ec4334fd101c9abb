using FsCheck;
using FsCheck.Fluent;

namespace Ocx.Text.Tests;

public class DurationsTests
{
    [Theory]
    [InlineData("10s", 10_000)]
    [InlineData("500ms", 500)]
    [InlineData("1m30s", 90_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("0s", 0)]
    public void Durations_are_read_as_Kubernetes_writes_them(string text, long milliseconds)
    {
        Assert.True(Durations.TryParse(text, out TimeSpan duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("s")]
    [InlineData("10 s")]
    [InlineData("-5s")]
    [InlineData("10d")]
    [InlineData("1..5s")]
    [InlineData("1e400s")]
    [InlineData("99999999999h")]
    public void Anything_else_is_no_duration(string? text) => Assert.False(Durations.TryParse(text, out _));

    [Fact]
    public void Whole_seconds_and_milliseconds_are_read_back() =>
        Prop.ForAll<ushort, ushort>(
                (seconds, milliseconds) =>
                    Durations.TryParse($"{seconds}s{milliseconds}ms", out TimeSpan duration)
                    && duration == TimeSpan.FromMilliseconds(seconds * 1000L + milliseconds)
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void No_text_makes_the_parser_throw() =>
        Prop.ForAll<string>(text => !Durations.TryParse(text, out TimeSpan duration) || duration >= TimeSpan.Zero)
            .QuickCheckThrowOnFailure();
}
