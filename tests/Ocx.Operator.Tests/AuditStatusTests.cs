using k8s.Models;
using Ocx.Api;
using Ocx.Operator.Resources;
using Ocx.Operator.Status;

namespace Ocx.Operator.Tests;

public sealed class AuditStatusTests
{
    private static readonly DateTime s_now = new(2026, 11, 27, 16, 0, 0, DateTimeKind.Utc);
    private static readonly AuditedTap s_tap = new("mcp", IsSuspended: false, HidesArguments: false);

    public static TheoryData<string, string, string> Cases =>
        new()
        {
            { "", "Auditing", "McpTap mcp tells of the calls." },
            { "problem", "InvalidSpec", "spec.jury: there is none. Correct the field: kubectl explain mcpaudit.spec" },
            { "no auditor", "AuditorOff", "helm upgrade with audit.enabled=true" },
            { "not ready", "AuditorNotReady", "None of 1 auditors is ready" },
            { "rules", "RulesRefused", "jury.jurors: rules: delets is unknown" },
            { "jurors", "JurorsNotReady", "kubectl create role" },
            { "no tap", "NoTap", "No McpTap taps port 8080" },
            { "suspended", "NoTap", "McpTap mcp, which taps port 8080, is suspended." },
            { "unread", "WaitingForAuditor", "has not read this generation" },
            { "earlier", "WaitingForAuditor", "has not read this generation" },
            { "gates", "Auditing", "Gates on 2 nodes hold the calls" },
            { "gates, no tap", "Auditing", "Gates on 2 nodes hold the calls" },
            { "gates off", "GateOff", "--namespace ocx-system --reuse-values --set audit.gate.enabled=true" },
            { "gates to come", "GateNotReady", "ready on 0 of 0 nodes" },
            { "gates missing", "GateNotReady", "ready on 1 of 2 nodes" },
            { "hidden", "Auditing", "Jurors see no arguments of those that McpTap other tells of" },
        };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Ready_says_whether_calls_are_audited_and_if_not_what_to_do(string what, string reason, string message)
    {
        var ready = AuditStatus.Build(Seen(what)).Conditions!.Single();
        Assert.Equal((reason, reason == "Auditing" ? "True" : "False"), (ready.Reason, ready.Status));
        Assert.Contains(message, ready.Message, StringComparison.Ordinal);
        Assert.Equal(3, ready.ObservedGeneration);
    }

    [Fact]
    public void The_operator_writes_its_own_fields_and_none_of_the_auditors()
    {
        var status = AuditStatus.Build(Seen(""));
        Assert.Equal((3, "app=rows,tier in (a,b),!canary:8080"), (status.ObservedGeneration, status.Server));
        Assert.Null(status.Calls);
        Assert.Null(status.Latency);
        Assert.Null(status.ToolsRefusedMost);
    }

    [Fact]
    public void The_server_in_words_is_cut_and_cannot_forge_a_line()
    {
        var seen = Seen("");
        seen.Audit.Spec.Server!.PodSelector!.MatchLabels!["app"] = "a\nb" + new string('x', 400);
        var server = AuditStatus.Build(seen).Server!;
        Assert.InRange(server.Length, 200, 253);
        Assert.DoesNotContain('\n', server);
        Assert.EndsWith(":8080", server, StringComparison.Ordinal);
    }

    [Fact]
    public void The_time_of_the_last_change_stays_while_the_value_does()
    {
        var seen = Seen("no tap");
        seen.Audit.Status!.Conditions!.Add(
            new V1Condition
            {
                Type = "Ready",
                Status = "False",
                Reason = "AuditorNotReady",
                LastTransitionTime = s_now.AddHours(-1),
            }
        );
        Assert.Equal(s_now.AddHours(-1), AuditStatus.Build(seen).Conditions!.Single().LastTransitionTime);
        var good = seen with { Taps = [s_tap] };
        Assert.Equal(s_now, AuditStatus.Build(good).Conditions!.Single().LastTransitionTime);
    }

    [Theory]
    [InlineData("Enforce", "spec.jury.deadline: 11s is longer than the 10s of spec.gate.maxHold")]
    [InlineData("port", "spec.server.port: 70000 is not between 1 and 65535")]
    [InlineData("juror", "spec.jury.jurors.name: 'No Name' does not match")]
    [InlineData("selector", "spec.server.podSelector: it selects by at least one label")]
    [InlineData("label", "spec.server.podSelector.matchLabels: 'a b' does not match")]
    public void What_an_earlier_definition_or_none_let_through_is_found(string what, string problem)
    {
        var spec = Spec();
        switch (what)
        {
            case "Enforce":
                spec.Mode = AuditMode.Enforce;
                spec.Jury!.Deadline = "11s";
                break;
            case "port":
                spec.Server!.Port = 70000;
                break;
            case "juror":
                spec.Jury!.Jurors![0].Name = "No Name";
                break;
            case "label":
                spec.Server!.PodSelector!.MatchLabels!["app"] = "a b";
                break;
            default:
                spec.Server!.PodSelector = new();
                break;
        }

        Assert.Contains(problem, SpecRules.Problem(spec), StringComparison.Ordinal);
        Assert.Null(SpecRules.Problem(Spec()));
    }

    private static AuditObservation Seen(string what) =>
        new()
        {
            Audit = new V1Alpha1McpAudit
            {
                Metadata = new V1ObjectMeta
                {
                    Name = "orders",
                    NamespaceProperty = "shop",
                    Generation = 3,
                },
                Spec = Spec(what),
                Status = new V1Alpha1McpAuditStatus { Conditions = Said(what) },
            },
            Problem = what == "problem" ? "spec.jury: there is none" : null,
            AuditorsWanted = what == "no auditor" ? 0 : 1,
            AuditorsReady = what == "not ready" ? 0 : 1,
            Taps = what switch
            {
                "no tap" or "gates, no tap" => [],
                "suspended" => [s_tap with { IsSuspended = true }],
                "hidden" => [s_tap, new AuditedTap("other", false, HidesArguments: true)],
                _ => [s_tap],
            },
            Gates = what switch
            {
                "gates off" => null,
                "gates to come" => default(GateNodes),
                "gates missing" => new GateNodes(2, 1),
                _ => new GateNodes(2, 2),
            },
            Now = s_now,
        };

    private static List<V1Condition> Said(string what) =>
        what == "unread"
            ? []
            :
            [
                Condition("RulesAccepted", what != "rules", "jury.jurors: rules: delets is unknown", what),
                Condition("JurorsReady", what != "jurors", "kubectl create role …", what),
            ];

    private static V1Condition Condition(string type, bool value, string message, string what) =>
        new()
        {
            Type = type,
            Status = value ? "True" : "False",
            Reason = "Because",
            Message = message,
            ObservedGeneration = what == "earlier" ? 2 : 3,
        };

    private static V1Alpha1McpAuditSpec Spec(string what = "") =>
        new()
        {
            Mode = what.StartsWith("gates", StringComparison.Ordinal) ? AuditMode.Enforce : AuditMode.Observe,
            Server = new()
            {
                Port = 8080,
                PodSelector = new()
                {
                    MatchLabels = new Dictionary<string, string> { ["app"] = "rows" },
                    MatchExpressions =
                    [
                        new()
                        {
                            Key = "tier",
                            Operator = LabelOperator.In,
                            Values = ["a", "b"],
                        },
                        new() { Key = "canary", Operator = LabelOperator.DoesNotExist },
                    ],
                },
            },
            Jury = new() { Jurors = [new() { Name = "signals", Signal = new() }] },
        };
}
