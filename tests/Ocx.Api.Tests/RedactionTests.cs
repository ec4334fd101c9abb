namespace Ocx.Api.Tests;

public sealed class RedactionTests
{
    [Fact]
    public void Patterns_without_backtracking_can_be_used() =>
        Assert.Null(
            new V1Alpha1Redaction { Paths = ["$.a"], Patterns = [@"\bACME-[0-9]{4,8}\b", "(?i)iban"] }.Problem()
        );

    [Theory]
    [InlineData("[")]
    [InlineData(@"(a)\1")]
    [InlineData("(?=a)b")]
    public void The_first_that_cannot_is_named(string pattern) =>
        Assert.StartsWith(
            $"spec.redact.patterns: '{pattern}' is not a regular expression without backtracking: ",
            new V1Alpha1Redaction { Patterns = ["fine", pattern] }.Problem(),
            StringComparison.Ordinal
        );
}
