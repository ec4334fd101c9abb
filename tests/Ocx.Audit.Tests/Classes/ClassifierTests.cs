using FsCheck;
using FsCheck.Fluent;
using Ocx.Audit.Classes;
using Ocx.Audit.Intents;

namespace Ocx.Audit.Tests.Classes;

public class ClassifierTests
{
    private static readonly ToolHints s_none = new(null, null, null, null);
    private static readonly ToolHints s_reads = new(true, null, null, null);
    private static readonly ToolHints s_destroys = new(false, true, null, null);

    [Fact]
    public void A_tool_that_no_rule_names_is_irreversible() =>
        Assert.Equal(CallClass.Irreversible, new Classifier([]).Of("read", s_none));

    [Fact]
    public void The_first_rule_that_matches_says_it()
    {
        var classes = new Classifier([
            Rule("fs_delete*", CallClass.Irreversible),
            Rule("fs_*", CallClass.Reversible),
            Rule("*", CallClass.Irreversible),
        ]);
        Assert.Equal(CallClass.Irreversible, classes.Of("fs_delete_all", s_none));
        Assert.Equal(CallClass.Reversible, classes.Of("fs_write", s_none));
        Assert.Equal(CallClass.Irreversible, classes.Of("mail", s_none));
    }

    [Fact]
    public void A_servers_word_alone_never_makes_a_call_reversible()
    {
        Assert.Equal(CallClass.Irreversible, new Classifier([]).Of("read", s_reads));
        var ruled = new Classifier([Rule("read", CallClass.Irreversible)]);
        Assert.Equal(CallClass.Irreversible, ruled.Of("read", s_reads));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_server_that_calls_its_tool_destructive_is_believed_also_against_a_rule(bool trust)
    {
        var classes = new Classifier([Rule("*", CallClass.Reversible)], trust);
        Assert.Equal(CallClass.Irreversible, classes.Of("drop", s_destroys));
        Assert.Equal(CallClass.Irreversible, classes.Of("drop", s_destroys with { ReadOnly = true }));
    }

    [Theory]
    // read only, destructive, open world
    [InlineData(true, null, null, CallClass.Reversible)]
    [InlineData(null, false, false, CallClass.Reversible)]
    [InlineData(null, false, null, CallClass.Irreversible)]
    [InlineData(null, false, true, CallClass.Irreversible)]
    [InlineData(true, true, false, CallClass.Irreversible)]
    [InlineData(null, null, null, CallClass.Irreversible)]
    public void Where_hints_are_trusted_they_speak_for_tools_without_a_rule(
        bool? readOnly,
        bool? destructive,
        bool? openWorld,
        CallClass of
    ) => Assert.Equal(of, new Classifier([], true).Of("tool", new ToolHints(readOnly, destructive, null, openWorld)));

    [Fact]
    public void Trusted_hints_make_no_rule_milder() =>
        Assert.Equal(
            CallClass.Irreversible,
            new Classifier([Rule("*", CallClass.Irreversible)], true).Of("read", s_reads)
        );

    [Fact]
    public void Whatever_a_server_says_a_call_is_never_milder_than_without_a_word_of_it() =>
        Prop.ForAll<bool?[], bool>(
                (said, ruled) =>
                {
                    bool? Hint(int place) => said?.Length > place ? said[place] : null;
                    var hints = new ToolHints(Hint(0), Hint(1), Hint(2), Hint(3));
                    var classes = new Classifier(ruled ? [Rule("t*", CallClass.Reversible)] : []);
                    return classes.Of("tool", hints) == CallClass.Irreversible
                        || classes.Of("tool", s_none) == CallClass.Reversible;
                }
            )
            .QuickCheckThrowOnFailure();

    private static ClassRule Rule(string tools, CallClass of) =>
        Glob.TryParse(tools, out Glob? glob) ? new ClassRule(glob, of) : throw new ArgumentException(tools);
}
