using Ocx.Audit.Wire;
using Ocx.Gate.Asking;
using Ocx.Mcp.Records;

namespace Ocx.Gate.Tests.Asking;

public class HoldRulesTests
{
    private const ToolAnnotations Destructive = ToolAnnotations.HasDestructive | ToolAnnotations.Destructive;
    private const ToolAnnotations ReadOnly = ToolAnnotations.HasReadOnly | ToolAnnotations.ReadOnly;

    [Theory]
    [InlineData("tools/call", "list_rows", true)]
    [InlineData("tools/call", "delete_rows", false)]
    [InlineData("tools/list", "list_rows", false)]
    [InlineData("tools/cal", "list_rows", false)]
    public void An_audit_includes_calls_by_method_and_tool(string method, string tool, bool isAudited)
    {
        GateAudit audit = Asked.Audit();
        audit.Tools.Add(["list_*", "get_?"]);
        Assert.Equal(isAudited, On(audit).Of(method, tool, ToolAnnotations.None).IsAudited);
    }

    [Theory]
    [InlineData("list_rows", ToolAnnotations.None, false)]
    [InlineData("list_rows", Destructive, true)] // the server's word only makes it stricter
    [InlineData("delete_rows", ToolAnnotations.None, true)]
    [InlineData("delete_rows", ReadOnly, true)] // and never milder
    [InlineData("other", ToolAnnotations.None, true)]
    [InlineData("other", ReadOnly, true)]
    public void The_first_class_that_matches_says_what_is_held(string tool, ToolAnnotations said, bool isIrreversible)
    {
        GateAudit audit = Asked.Audit();
        audit.Classes.Add([
            new GateClass { Tools = "delete_*", Reversible = false },
            new GateClass { Tools = "list_*", Reversible = true },
            new GateClass { Tools = "*_rows", Reversible = true },
        ]);
        Assert.Equal(isIrreversible, On(audit).Of("tools/call", tool, said).IsIrreversible);
    }

    [Fact]
    public void Where_annotations_are_trusted_a_tool_without_a_class_may_be_reversible()
    {
        GateAudit audit = Asked.Audit();
        audit.TrustAnnotations = true;
        Assert.False(On(audit).Of("tools/call", "other", ReadOnly).IsIrreversible);
        Assert.True(On(audit).Of("tools/call", "other", ToolAnnotations.None).IsIrreversible);
    }

    [Fact]
    public void Of_several_audits_of_a_call_the_strictest_holds()
    {
        GateAudit mild = Asked.Audit("ns/mild");
        mild.FailurePolicy = GateFailurePolicy.Open;
        mild.ReleaseOnDeadline = true;
        mild.MaxHoldNs = 30_000_000_000;
        mild.Classes.Add(new GateClass { Tools = "*", Reversible = true });
        GateAudit strict = Asked.Audit("ns/strict");
        strict.Tools.Add("delete_*");
        PortRules rules = On(mild, strict);

        CallRules both = rules.Of("tools/call", "delete_rows", ToolAnnotations.None);
        Assert.Equal("ns/mild", both.Audit!.Name);
        Assert.True(both.IsIrreversible);
        Assert.Equal(GateFailurePolicy.Closed, both.FailurePolicy);
        Assert.Equal(TimeSpan.FromSeconds(30), both.MaxHold);
        Assert.False(both.ReleaseOnDeadline);

        CallRules one = rules.Of("tools/call", "list_rows", ToolAnnotations.None);
        Assert.False(one.IsIrreversible);
        Assert.Equal(GateFailurePolicy.Open, one.FailurePolicy);
        Assert.True(one.ReleaseOnDeadline);
        Assert.Equal(GateFailurePolicy.Closed, rules.FailurePolicy);
    }

    [Fact]
    public void Audits_of_other_ports_say_nothing()
    {
        ServerRules rules = HoldRules
            .Of(new() { Audits = { Asked.Audit("a", 8080), Asked.Audit("b", 9090) } })
            .For(null);
        Assert.Equal("b", rules.On(9090)!.First.Name);
        Assert.Null(rules.On(80));
    }

    [Theory]
    [InlineData(GateFailurePolicy.Open)]
    [InlineData(GateFailurePolicy.Closed)]
    public void Before_an_auditor_has_spoken_every_call_of_a_tool_is_held(GateFailurePolicy policy)
    {
        ServerRules rules = HoldRules.Unknown([8080, 8081], policy).For(null);
        CallRules call = rules.On(8081)!.Of("tools/call", "anything", ReadOnly);
        Assert.True(call is { IsAudited: true, IsIrreversible: true, ReleaseOnDeadline: false });
        Assert.Equal((policy, TimeSpan.FromSeconds(10)), (call.FailurePolicy, call.MaxHold));
        Assert.False(rules.On(8080)!.Of("tools/list", "", ToolAnnotations.None).IsAudited);
    }

    public static TheoryData<string, Action<GateAudit>> Wrong =>
        new()
        {
            { "no valid name", audit => audit.Audit = "" },
            { "no valid name", audit => audit.Audit = "ns/name\nforged" },
            { "no valid name", audit => audit.Audit = new string('a', 513) },
            { "is no TCP port", audit => audit.Port = 0 },
            { "is no TCP port", audit => audit.Port = 65536 },
            { "0 methods", audit => audit.Methods.Clear() },
            { "a method is not valid", audit => audit.Methods.Add(new string('m', AuditBounds.Method + 1)) },
            { "a method is not valid", audit => audit.Methods.Add("") },
            { "65 methods", audit => audit.Methods.Add(Enumerable.Repeat("m", 64)) },
            { "257 globs", audit => audit.Tools.Add(Enumerable.Repeat("t", 257)) },
            { "empty or too long", audit => audit.Tools.Add("") },
            { "empty or too long", audit => audit.Tools.Add(new string('t', 128)) },
            { "empty or too long", audit => audit.Classes.Add(new GateClass()) },
            { "8193 classes", audit => audit.Classes.Add(Enumerable.Repeat(new GateClass { Tools = "t" }, 8193)) },
            { "a pod is not valid", audit => audit.Pods.Add(new GatePod()) },
            { "a pod is not valid", audit => audit.Pods.Add(new GatePod { Uid = new string('u', 65) }) },
            { "4097 pods", audit => audit.Pods.Add(Enumerable.Repeat(new GatePod { Uid = "u" }, 4097)) },
            { "failure policy 0 is not known", audit => audit.FailurePolicy = GateFailurePolicy.Unspecified },
            { "failure policy 7 is not known", audit => audit.FailurePolicy = (GateFailurePolicy)7 },
            { "a longest hold of 0 ns", audit => audit.MaxHoldNs = 0 },
            { "a longest hold of 55000000001 ns", audit => audit.MaxHoldNs = 55_000_000_001 },
            { "a longest hold of 18446744073709551615 ns", audit => audit.MaxHoldNs = ulong.MaxValue },
        };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void What_passes_a_bound_is_refused_as_a_whole(string why, Action<GateAudit> change)
    {
        GateAudit wrong = Asked.Audit();
        change(wrong);
        var refused = Assert.Throws<FormatException>(() =>
            HoldRules.Of(new() { Audits = { Asked.Audit("ns/right"), wrong } })
        );
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_longest_hold_that_is_allowed_is_taken()
    {
        GateAudit audit = Asked.Audit();
        audit.MaxHoldNs = 55_000_000_000;
        Assert.Equal(HeldAudit.LongestHold, On(audit).Of("tools/call", "t", ToolAnnotations.None).MaxHold);
    }

    [Fact]
    public void More_audits_than_any_cluster_has_are_refused() =>
        Assert.Throws<FormatException>(() =>
            HoldRules.Of(new() { Audits = { Enumerable.Repeat(Asked.Audit(), 4097) } })
        );

    private static PortRules On(params GateAudit[] audits) =>
        HoldRules.Of(new() { Audits = { audits } }).For(null).On(8080)!;
}
