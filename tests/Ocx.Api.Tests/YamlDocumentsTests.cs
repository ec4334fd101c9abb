using System.Text.Json;

namespace Ocx.Api.Tests;

public class YamlDocumentsTests
{
    [Theory]
    [InlineData("a: 1", """{"a":1}""")]
    [InlineData(
        "a: '1'\nb: \"true\"\nc: yes\nd: True\ne: ~\nf:",
        """{"a":"1","b":"true","c":"yes","d":true,"e":null,"f":null}"""
    )]
    [InlineData(
        "a: -0.5\nb: 1e3\nc: 1.2.3\nd: 0x10\ne: .inf\nf: 10s",
        """{"a":-0.5,"b":1000,"c":"1.2.3","d":"0x10","e":".inf","f":"10s"}"""
    )]
    [InlineData("- |\n  a\n  b\n- [c, {d: e}]", """["a\nb\n",["c",{"d":"e"}]]""")]
    [InlineData("base: &b {x: 1}\ncopy: *b", """{"base":{"x":1},"copy":{"x":1}}""")]
    [InlineData("""{"a": ["b", 1, null, "\u0041"]}""", """{"a":["b",1,null,"A"]}""")]
    public void A_document_becomes_JSON(string yaml, string json) =>
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(json), Assert.Single(YamlDocuments.Read(yaml))));

    [Fact]
    public void Each_document_of_a_file_is_read_and_empty_ones_are_left_out() =>
        Assert.Equal(
            ["a", "b"],
            YamlDocuments
                .Read("---\n# nothing\n---\nn: a\n---\n---\nn: b\n")
                .Select(d => d.GetProperty("n").GetString())
        );

    [Theory]
    [InlineData("a: [1, }", "line 1")]
    [InlineData("a: 1\na: 2", "line 2")]
    [InlineData("? [x]\n: 1", "line 1: a key must be text")]
    [InlineData("a: *nobody", "line 1")]
    [InlineData("a:\n  b: [\nc: d", "it is no YAML")]
    public void What_cannot_be_read_is_said_with_its_line(string yaml, string message) =>
        Assert.StartsWith(
            message,
            Assert.Throws<FormatException>(() => YamlDocuments.Read(yaml)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Aliases_of_aliases_do_not_grow_without_bound()
    {
        string yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
        for (int i = 1; i < 12; i++)
        {
            yaml += $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n";
        }

        Assert.Contains(
            "more than",
            Assert.Throws<FormatException>(() => YamlDocuments.Read(yaml)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Nesting_is_bounded() =>
        Assert.Contains(
            "levels deep",
            Assert
                .Throws<FormatException>(() => YamlDocuments.Read(new string('[', 1000) + new string(']', 1000)))
                .Message,
            StringComparison.Ordinal
        );
}
