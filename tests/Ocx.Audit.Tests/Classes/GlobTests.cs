using FsCheck;
using FsCheck.Fluent;
using Ocx.Audit.Classes;

namespace Ocx.Audit.Tests.Classes;

public class GlobTests
{
    [Theory]
    [InlineData("delete_row", "delete_row", true)]
    [InlineData("delete_row", "delete_rows", false)]
    [InlineData("delete_row", "Delete_row", false)]
    [InlineData("*", "", true)]
    [InlineData("*", "anything at all", true)]
    [InlineData("delete_*", "delete_", true)]
    [InlineData("delete_*", "delete_all", true)]
    [InlineData("delete_*", "undelete_all", false)]
    [InlineData("*_row", "delete_row", true)]
    [InlineData("*delete*", "undelete_all", true)]
    [InlineData("a*b*c", "a-b-b-c", true)]
    [InlineData("a*b*c", "a-c-b", false)]
    [InlineData("a**b", "ab", true)]
    [InlineData("?", "", false)]
    [InlineData("?", "a", true)]
    [InlineData("?", "ab", false)]
    [InlineData("?", "😀", true)]
    [InlineData("get_?_v?", "get_x_v2", true)]
    [InlineData("*?", "", false)]
    [InlineData("*?", "a", true)]
    [InlineData("a.c", "abc", false)]
    [InlineData("[a]", "a", false)]
    [InlineData("[a]", "[a]", true)]
    [InlineData("mül*", "müll", true)]
    public void A_star_is_any_text_and_a_question_mark_one_character(string pattern, string name, bool matches) =>
        Assert.Equal(matches, Of(pattern).IsMatch(name));

    [Fact]
    public void It_agrees_with_the_definition() =>
        Prop.ForAll(
                Text("ab*?").ToArbitrary(),
                Text("ab").ToArbitrary(),
                (pattern, name) => pattern.Length == 0 || Of(pattern).IsMatch(name) == Defined(pattern, name)
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    [Fact]
    public void A_pattern_of_any_length_that_is_taken_matches_itself()
    {
        Assert.True(Of(new string('a', Glob.MaxLength)).IsMatch(new string('a', Glob.MaxLength)));
        Assert.False(Of(new string('a', Glob.MaxLength)).IsMatch(new string('a', Glob.MaxLength + 1)));
        Assert.False(Of(new string('?', Glob.MaxLength)).IsMatch(new string('a', Glob.MaxLength - 1)));
        Assert.True(Of(new string('a', Glob.MaxLength - 1) + "*").IsMatch(new string('a', 5000)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void No_pattern_is_none(string? pattern) => Assert.False(Glob.TryParse(pattern, out _));

    [Fact]
    public void A_pattern_that_is_too_long_is_refused()
    {
        Assert.False(Glob.TryParse(new string('a', Glob.MaxLength + 1), out _));
        Assert.False(Glob.TryParse(new string('*', 10_000), out _));
    }

    [Fact]
    public void A_name_made_to_be_slow_is_not()
    {
        // A matcher that goes back tries some 10^30 ways here.
        Glob glob = Of(string.Concat(Enumerable.Repeat("a*", 40)) + "b");
        Assert.False(glob.IsMatch(new string('a', 100_000)));
    }

    [Fact]
    public void Halves_of_characters_match_nothing_but_what_matches_anything()
    {
        Assert.True(Of("*").IsMatch("\ud800x"));
        Assert.False(Of("ab").IsMatch("a\udfff"));
    }

    private static Glob Of(string pattern) =>
        Glob.TryParse(pattern, out Glob? glob) ? glob : throw new ArgumentException(pattern);

    private static Gen<string> Text(string alphabet) =>
        Gen.Elements(alphabet.ToCharArray()).ArrayOf().Select(all => new string(all[..Math.Min(all.Length, 9)]));

    private static bool Defined(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name) =>
        pattern.IsEmpty ? name.IsEmpty
        : pattern[0] == '*' ? Defined(pattern[1..], name) || (!name.IsEmpty && Defined(pattern, name[1..]))
        : !name.IsEmpty && (pattern[0] == '?' || pattern[0] == name[0]) && Defined(pattern[1..], name[1..]);
}
