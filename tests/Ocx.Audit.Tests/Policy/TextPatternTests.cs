using Ocx.Audit.Expressions;

namespace Ocx.Audit.Tests.Policy;

public class TextPatternTests
{
    // What RE2 says; .NET alone would say otherwise.
    [Theory]
    [InlineData("^[a-z]+$", "abc", true)]
    [InlineData("^[a-z]+$", "abc\n", false)]
    [InlineData("a$b", "a$b", false)]
    [InlineData("a[$]b", "a$b", true)]
    [InlineData("a\\$b", "a$b", true)]
    [InlineData("^\\d$", "5", true)]
    [InlineData("^\\d$", "٥", false)]
    [InlineData("^[\\d-]+$", "5-5", true)]
    [InlineData("^\\w+$", "ab_1", true)]
    [InlineData("^\\w+$", "é", false)]
    [InlineData("^\\W$", "é", true)]
    [InlineData("^\\s$", "\t", true)]
    [InlineData("^\\s$", "\u00a0", false)]
    [InlineData("^\\S\\D$", "ab", true)]
    [InlineData("^[[a]$", "[", true)]
    [InlineData("^[a-z-[aeiou]+$", "[e", true)]
    [InlineData("^[]a]+$", "]a", true)]
    [InlineData("^[^]a]$", "b", true)]
    [InlineData("^[^]a]$", "]", false)]
    [InlineData("^(?P<name>a)(?:b)(?i)C$", "abc", true)]
    [InlineData("^(?s).$", "\n", true)]
    [InlineData("^.$", "\n", false)]
    [InlineData("^a{2}$", "aa", true)]
    [InlineData("^a{,2}$", "a{,2}", true)]
    [InlineData("", "anything", true)]
    [InlineData("b", "abc", true)]
    public void A_pattern_is_read_as_RE2_reads_it(string pattern, string text, bool matches) =>
        Assert.Equal(matches, TextPattern.Compile(pattern).IsMatch(new Evaluation(pattern), text).IsTrue);

    [Theory]
    [InlineData("(?<=a)b")]
    [InlineData("(?<!a)b")]
    [InlineData("(?=a)")]
    [InlineData("(?m)^a$")]
    [InlineData("(?x) a")]
    [InlineData("(?im)a$")]
    [InlineData("(?#a)")]
    [InlineData("(?>a)")]
    [InlineData("\\Z")]
    [InlineData("\\G")]
    [InlineData("\\k<a>")]
    [InlineData("[\\D]")]
    [InlineData("a**")]
    [InlineData("\\")]
    [InlineData("[a")]
    [InlineData("a{2147483648}")]
    [InlineData("a{999999999999999999999}")]
    public void What_RE2_does_not_know_or_is_not_rewritten_is_refused(string pattern) =>
        Assert.Throws<FormatException>(() => TextPattern.Compile(pattern));

    [Fact]
    public void A_pattern_is_bounded()
    {
        Assert.Throws<FormatException>(() => TextPattern.Compile(new string('a', CelLimits.PatternLength + 1)));
        Assert.NotNull(TextPattern.Compile(new string('a', CelLimits.PatternLength)));
        Assert.NotNull(TextPattern.Compile("(a{10}){100}"));
    }
}
