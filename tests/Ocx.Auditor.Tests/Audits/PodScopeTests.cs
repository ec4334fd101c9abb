using Ocx.Api;
using Ocx.Auditor.Audits;

namespace Ocx.Auditor.Tests.Audits;

/// <summary>A selector selects as Kubernetes' own do, in its own namespace.</summary>
public sealed class PodScopeTests
{
    private static readonly ServerPod s_pod = new(
        "shop",
        "rows-1",
        "uid",
        "n1",
        new Dictionary<string, string> { ["app"] = "rows", ["tier"] = "" }
    );

    [Theory]
    [InlineData("app", "rows", true)]
    [InlineData("app", "Rows", false)]
    [InlineData("tier", "", true)]
    [InlineData("none", "", false)]
    public void Labels_have_their_value(string key, string value, bool selects) =>
        Assert.Equal(selects, Scope(new() { MatchLabels = new Dictionary<string, string> { [key] = value } }));

    [Theory]
    [InlineData("app", "In", "x,rows", true)]
    [InlineData("app", "In", "x", false)]
    [InlineData("none", "In", "x", false)]
    [InlineData("app", "NotIn", "x", true)]
    [InlineData("app", "NotIn", "rows", false)]
    [InlineData("none", "NotIn", "rows", true)]
    [InlineData("app", "Exists", null, true)]
    [InlineData("none", "Exists", null, false)]
    [InlineData("app", "DoesNotExist", null, false)]
    [InlineData("none", "DoesNotExist", null, true)]
    [InlineData("app", "Similar", "rows", false)]
    public void Expressions_hold(string key, string rule, string? values, bool selects) =>
        Assert.Equal(
            selects,
            Scope(
                Rules(
                    new V1Alpha1LabelRule
                    {
                        Key = key,
                        Operator = rule,
                        Values = values?.Split(','),
                    }
                )
            )
        );

    [Fact]
    public void All_of_it_must_hold() =>
        Assert.False(
            Scope(
                new()
                {
                    MatchLabels = new Dictionary<string, string> { ["app"] = "rows" },
                    MatchExpressions =
                    [
                        new()
                        {
                            Key = "app",
                            Operator = "NotIn",
                            Values = ["rows"],
                        },
                    ],
                }
            )
        );

    [Fact]
    public void Nothing_selects_nothing() => Assert.False(Scope(new()));

    [Fact]
    public void Another_namespace_is_never_selected() =>
        Assert.False(
            new PodScope("bank", new() { MatchLabels = new Dictionary<string, string> { ["app"] = "rows" } }).Selects(
                s_pod
            )
        );

    private static bool Scope(V1Alpha1PodSelector selector) => new PodScope("shop", selector).Selects(s_pod);

    private static V1Alpha1PodSelector Rules(V1Alpha1LabelRule rule) => new() { MatchExpressions = [rule] };
}
