using System.Text;
using Ocx.Audit.Expressions;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Policy;

namespace Ocx.Audit.Tests.Policy;

/// <summary>What tests of rules need.</summary>
internal static class CelHarness
{
    public static IReadOnlyList<string> Methods { get; } = ["tools/call"];

    /// <summary>No variable.</summary>
    public static Declarations Nothing { get; } = new([]);

    public static Intent Call(string tool = "delete_rows", string arguments = "{}") =>
        new()
        {
            Key = "node/1",
            Time = new DateTimeOffset(2026, 7, 28, 22, 30, 0, TimeSpan.Zero),
            Method = "tools/call",
            Tool = tool,
            Arguments = Encoding.UTF8.GetBytes(arguments),
            RequestBytes = 200,
            Client = new Party { Address = "10.0.0.1:40000", Namespace = "agents" },
        };

    public static ConditionResult Evaluate(string when, Intent call) =>
        CallCondition.Compile(when).Evaluate(new CallFacts(call));

    public static bool IsTrue(string when, Intent call)
    {
        var result = Evaluate(when, call);
        Assert.Null(result.Failure);
        return result.IsTrue;
    }

    public static string Refusal(string when) =>
        Assert.Single(PolicyCheck.Of("policy", [new PolicyRule("rule", when, Ballot.Refuse)], Methods).Problems);

    public static ValueTask<Vote> Judge(Intent call, params PolicyRule[] rules)
    {
        var check = PolicyCheck.Of("policy", rules, Methods);
        Assert.Empty(check.Problems);
        return check.Juror!.JudgeAsync(call, TestContext.Current.CancellationToken);
    }
}
