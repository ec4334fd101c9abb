using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Ocx.Audit.Expressions;

namespace Ocx.Audit.Tests.Policy;

public class TextPatternTests
{
    // What RE2 says; of some .NET says otherwise.
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
    [InlineData("^[[:alpha:]]+[[:^digit:]]$", "ab!", true)]
    [InlineData("^[\\D]$", "5", false)]
    [InlineData("^[^\\D]$", "5", true)]
    [InlineData("^[\\]\\\\-]+$", "]\\-", true)]
    [InlineData("^[a-]+$", "a-", true)]
    [InlineData("(?m)^b$", "a\nb\nc", true)]
    [InlineData("^b$", "a\nb\nc", false)]
    [InlineData("(?i)^STRASSE[é-ê]$", "strasseÉ", true)]
    [InlineData("(?i)^[^a]$", "A", false)]
    [InlineData("^(?i:A)b$", "aB", false)]
    [InlineData("^((?i)A)b$", "aB", false)]
    [InlineData("^(?i-s).$", "\n", false)]
    [InlineData("^.$", "\U0001F600", true)]
    [InlineData("^[\U0001F600-\U0001F64F]$", "\U0001F603", true)]
    [InlineData("^\\x41\\x{1F600}$", "A\U0001F600", true)]
    [InlineData("\\bdrop\\b", "a drop, b", true)]
    [InlineData("\\bdrop\\b", "airdrop", false)]
    [InlineData("^(a*)*$", "aaab", false)]
    [InlineData("^(a|b|)+c?$", "abbac", true)]
    [InlineData("^a{2,}$", "a", false)]
    [InlineData("^a{2,3}?$", "aaa", true)]
    [InlineData("^a{2,3}$", "aaaa", false)]
    [InlineData("a|^b|c$", "xc", true)]
    [InlineData("a|^b|c$", "cb", false)]
    [InlineData("^(?:a+|)+$", "", true)]
    [InlineData("", "anything", true)]
    [InlineData("b", "abc", true)]
    public void A_pattern_is_read_as_RE2_reads_it(string pattern, string text, bool matches) =>
        Assert.Equal(matches, TextPattern.Compile(pattern).IsMatch(new Evaluation(pattern), text).IsTrue);

    [Theory]
    [InlineData("(?<=a)b")]
    [InlineData("(?<!a)b")]
    [InlineData("(?=a)")]
    [InlineData("(?x) a")]
    [InlineData("(?U)a")]
    [InlineData("(?#a)")]
    [InlineData("(?>a)")]
    [InlineData("(?i")]
    [InlineData("(?P<a-b>a)")]
    [InlineData("\\Z")]
    [InlineData("\\G")]
    [InlineData("\\k<a>")]
    [InlineData("\\1")]
    [InlineData("\\pL")]
    [InlineData("\\Qa\\E")]
    [InlineData("[\\b]")]
    [InlineData("\\x{110000}")]
    [InlineData("\\x")]
    [InlineData("a**")]
    [InlineData("*a")]
    [InlineData("(|*)")]
    [InlineData("a)")]
    [InlineData("(a")]
    [InlineData("\\")]
    [InlineData("[a")]
    [InlineData("[]")]
    [InlineData("[z-a]")]
    [InlineData("[[:letter:]]")]
    [InlineData("[[:d:]]")]
    [InlineData("a{3,2}")]
    [InlineData("a{1001}")]
    [InlineData("a{999999999999999999999}")]
    public void What_RE2_does_not_know_or_is_left_out_is_refused(string pattern) =>
        Assert.Throws<FormatException>(() => TextPattern.Compile(pattern));

    [Fact]
    public void A_pattern_is_bounded()
    {
        Assert.Throws<FormatException>(() => TextPattern.Compile(new string('a', CelLimits.PatternLength + 1)));
        Assert.NotNull(TextPattern.Compile(new string('a', CelLimits.PatternLength)));
        Assert.NotNull(TextPattern.Compile(new string('(', 128) + new string(')', 128)));
        Assert.NotNull(TextPattern.Compile("(a{9}){100}"));
        Assert.Throws<FormatException>(() => TextPattern.Compile("(a{10}){101}"));
        Assert.Throws<FormatException>(() => TextPattern.Compile("((a{1000}){1000}){1000}"));
        Assert.Throws<FormatException>(() => TextPattern.Compile("(((){1000}){1000}){1000}"));
    }

    // .NET reads these as RE2 does. An empty alternative that is repeated it misses: "(?:a+|)+" in an empty text.
    [Fact]
    public void It_finds_what_the_engine_of_dotnet_finds()
    {
        string[] words = ["a", "b", "ab", ".", "[ab]", "[^a]", "(?:a|b)", "^", "c", "\\b", "\\B", "(?i:A)"];
        string[] repeats = ["", "", "", "*", "+", "?", "{2}", "{1,3}", "{0,2}?", "{2,}", "*?"];
        var atom =
            from word in Gen.Elements(words)
            from repeat in Gen.Elements(repeats)
            select word is "^" or "\\b" or "\\B" ? word : word + repeat;
        var sequence = atom.ArrayOf().Select(atoms => string.Concat(atoms.Take(4)));
        var pattern =
            from left in sequence
            from right in sequence
            from inner in sequence
            from repeat in Gen.Elements("", "*", "+", "{1,2}")
            select $"{left}(?:a{inner}|{right}b){repeat}{left}";
        var text = Gen.Elements('a', 'b', 'c', 'A', '\n', ' ')
            .ArrayOf()
            .Select(characters => new string(characters.AsSpan(0, Math.Min(8, characters.Length))));
        Prop.ForAll(
                pattern.ToArbitrary(),
                text.ToArbitrary(),
                (rule, on) =>
                {
                    var expected = Regex.IsMatch(on, rule, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(20));
                    Assert.Equal(expected, TextPattern.Compile(rule).IsMatch(new Evaluation(rule), on).IsTrue);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }
}
