using System.Text.Json;
using Ocx.Tests.Captures;

namespace Ocx.Cli.Tests.Replay;

/// <summary>What was once read wrongly is read right.</summary>
public sealed class FieldTests
{
    [Theory]
    [MemberData(nameof(FieldCaptures.Expected), MemberType = typeof(FieldCaptures))]
    public async Task A_capture_from_the_field_is_read_right(string file, string expected)
    {
        Ocx replay = await Ocx.RunAsync("replay", FieldCaptures.PathOf(file), "-o", "json");
        Assert.Equal(0, replay.ExitCode);
        Assert.Equal(expected, FieldCaptures.Outcomes(replay.Lines.Select(line => JsonElement.Parse(line))));
        Assert.DoesNotContain("no JSON", replay.Errors, StringComparison.Ordinal);
        bool missing = expected.Contains(" gap", StringComparison.Ordinal);
        Assert.Equal(!missing, replay.Errors.Contains(", 0 gaps", StringComparison.Ordinal));
    }
}
