using System.Text.Json;
using k8s;

namespace Ocx.Api.Tests;

public sealed class McpAuditTests
{
    private const string Yaml = """
        apiVersion: ocx.dev/v1alpha1
        kind: McpAudit
        metadata:
          name: rows
          namespace: data
        spec:
          server:
            podSelector:
              matchLabels:
                app: rows
            port: 8000
          match:
            tools: ['delete_*', 'drop_?']
            when: call.requestBytes > 10
          classes:
            rules:
              - tools: ['get_*']
                class: Reversible
          jury:
            deadline: 500ms
            jurors:
              - name: rules
                policy:
                  rules:
                    - name: no-drop
                      when: call.tool == 'drop_t'
                      then: Refuse
              - name: signs
                onFailure: Abstain
                signal: {}
              - name: people
                person: {}
        """;

    private const string Rehearsal =
        "rehearsal: {command: [node, server.js], state: ["
        + "{name: orders, kind: PostgreSQL, connectionSecret: {name: p, key: k}, variable: DATABASE_URL, role: shop}, "
        + "{name: cache, kind: Redis, connectionSecret: {name: r, key: k}, variable: REDIS}]}";

    private static V1Alpha1McpAudit WithRehearsal(string rehearsal) =>
        KubernetesYaml.Deserialize<V1Alpha1McpAudit>(
            Yaml.Replace("port: 8000", $"port: 8000\n  {rehearsal}", StringComparison.Ordinal)
        );

    [Fact]
    public void An_audit_is_read_with_its_defaults()
    {
        var audit = KubernetesYaml.Deserialize<V1Alpha1McpAudit>(Yaml);
        Assert.Equal(("rows", "data"), (audit.Metadata.Name, audit.Metadata.NamespaceProperty));
        Assert.Equal((8000, "rows"), (audit.Spec.Server!.Port, audit.Spec.Server.PodSelector!.MatchLabels!["app"]));
        Assert.Equal(["delete_*", "drop_?"], audit.Spec.Match.Tools);
        Assert.Equal(["tools/call"], audit.Spec.Match.Methods);
        Assert.Equal(
            ("Observe", "AnyRefuses", "Refuse"),
            (audit.Spec.Mode, audit.Spec.Jury!.Quorum, audit.Spec.Jury.OnDeadline)
        );
        Assert.Equal(["rules", "signs", "people"], audit.Spec.Jury.Jurors!.Select(juror => juror.Name));
        Assert.Equal(("2s", "Hold"), (audit.Spec.Jury.Jurors![0].Timeout, audit.Spec.Jury.Jurors[0].OnFailure));
        Assert.Equal(
            ("Hold", "4.5"),
            (audit.Spec.Jury.Jurors[1].Signal!.Vote, audit.Spec.Jury.Jurors[1].Signal!.Base64Bits)
        );
        Assert.Equal("1h", audit.Spec.Jury.Jurors[2].Person!.Expires);
        Assert.Equal(("Closed", "10s"), (audit.Spec.Gate.FailurePolicy, audit.Spec.Gate.MaxHold));
        Assert.Empty(audit.Spec.Problems());
    }

    [Theory]
    [InlineData("mode: Enforce")]
    [InlineData("mode: Enforce\n  gate: {failurePolicy: Open, maxHold: 55s}")]
    [InlineData("mode: Enforce\n  gate: {maxHold: 500ms}")]
    [InlineData("mode: Observe\n  gate: {maxHold: 1ms}")] // nothing is held
    public void Calls_can_be_held(string spec) =>
        Assert.Empty(
            KubernetesYaml
                .Deserialize<V1Alpha1McpAudit>(
                    Yaml.Replace("port: 8000", $"port: 8000\n  {spec}", StringComparison.Ordinal)
                )
                .Spec.Problems()
        );

    [Theory]
    [InlineData(
        "port: 8000",
        "port: 8000\n  mode: Enforce\n  gate: {maxHold: 400ms}",
        "spec.jury.deadline: 500ms is longer than the 400ms of spec.gate.maxHold"
    )]
    [InlineData("port: 8000", "port: 8000\n  gate: {maxHold: 56s}", "spec.gate.maxHold: '56s' is no time such as")]
    [InlineData("port: 8000", "port: 8000\n  gate: {maxHold: 0s}", "spec.gate.maxHold: '0s' is no time such as")]
    [InlineData("port: 8000", "port: 8000\n  gate: null", "spec.gate: it is null")]
    [InlineData(
        "matchLabels:\n        app: rows",
        "matchLabels: {}",
        "spec.server.podSelector: it selects by at least"
    )]
    [InlineData("deadline: 500ms", "deadline: 90000s", "spec.jury.deadline: '90000s' is no time such as 500ms")]
    [InlineData("signal: {}", "signal: {}\n        person: {}", "spec.jury.jurors: signs: a juror is exactly one of")]
    [InlineData("        signal: {}\n", "", "spec.jury.jurors: signs: a juror is exactly one of policy, signal")]
    [InlineData("person: {}", "person: {expires: 1d}", "spec.jury.jurors: people: person.expires: '1d' is no time")]
    [InlineData("person: {}", "model: {url: 'http://m/v1'}", "spec.jury.jurors: people: model.models: there is none")]
    [InlineData("person: {}", "policy: {rules: []}", "spec.jury.jurors: people: policy.rules: there is none")]
    [InlineData(
        "person: {}",
        "person: {}\n        timeout: 25h",
        "spec.jury.jurors: people: timeout: '25h' is no time"
    )]
    [InlineData(
        "person: {}",
        "webhook: {url: 'https://w', clientCertificateSecret: c, tokenSecret: {name: t, key: k}}",
        "spec.jury.jurors: people: webhook: it has a client certificate or a token, and not both"
    )]
    [InlineData(
        "matchLabels:\n        app: rows",
        "matchExpressions: [{key: app, operator: Exists, values: [rows]}]",
        "spec.server.podSelector.matchExpressions: app: In and NotIn take values"
    )]
    [InlineData("  match:\n", "  redact: {patterns: ['(']}\n  match:\n", "spec.redact.patterns: '(' is not a regular")]
    public void What_the_schema_cannot_refuse_is_said(string valid, string invalid, string problem)
    {
        Assert.Contains(valid, Yaml, StringComparison.Ordinal);
        var audit = KubernetesYaml.Deserialize<V1Alpha1McpAudit>(
            Yaml.Replace(valid, invalid, StringComparison.Ordinal)
        );
        Assert.StartsWith(problem, Assert.Single(audit.Spec.Problems()), StringComparison.Ordinal);
    }

    [Fact]
    public void Rehearsals_are_read_with_their_defaults()
    {
        V1Alpha1McpAuditSpec spec = WithRehearsal(Rehearsal).Spec;
        V1Alpha1Rehearsal rehearsal = spec.Rehearsal!;
        Assert.Empty(spec.Problems());
        Assert.Equal(("Runsc", "/mcp", null), (rehearsal.Driver, rehearsal.Path, rehearsal.Port));
        Assert.Equal(
            (2, "10s", "512Mi", "Hold"),
            (rehearsal.Warm, rehearsal.Timeout, rehearsal.Memory, rehearsal.OnFailure)
        );
        Assert.Equal(["Irreversible"], rehearsal.Classes);
        Assert.Equal(["orders", "cache"], rehearsal.State!.Select(state => state.Name));
    }

    // A file is held to no schema.
    [Theory]
    [InlineData("command: [node, server.js]", "command: []", "command: it is a program and at most 63 arguments")]
    [InlineData("command: [node, server.js]", "command: [\"a\\0b\"]", "command: it is a program and at most 63")]
    [InlineData("command:", "driver: Docker, command:", "driver: it is Runsc")]
    [InlineData("command:", "port: 0, command:", "port: it is 1 to 65535")]
    [InlineData("command:", "path: mcp, command:", "path: it is / and at most 199 letters")]
    [InlineData("command:", "warm: 0, command:", "warm: it is 1 to 16")]
    [InlineData("command:", "timeout: 61s, command:", "timeout: '61s' is no time such as 500ms or 10s, at most 1m")]
    [InlineData("command:", "memory: 5e9, command:", "memory: want mebibytes or gibibytes, such as 512Mi or 1Gi")]
    [InlineData("command:", "classes: [], command:", "classes: there is none")]
    [InlineData("command:", "environment: {A-B: x}, command:", "environment: a name is of letters, digits and _")]
    [InlineData("command:", "environment: {REDIS: x}, command:", "state: cache: the variable REDIS is set already")]
    [InlineData("name: cache", "name: orders", "state: orders: another has this name")]
    [InlineData("name: cache", "name: Cache", "state: Cache: a name is of at most 63 small letters, digits and -")]
    [InlineData("kind: Redis", "kind: MySQL", "state: cache: kind: it is PostgreSQL or Redis")]
    [InlineData("{name: r, key: k}", "{name: r}", "state: cache: connectionSecret: it has a name and a key")]
    [InlineData(", role: shop", "", "state: orders: role: PostgreSQL's has to be given; ")]
    [InlineData("variable: REDIS", "variable: 'R='", "state: cache: variable: it is of letters, digits and _")]
    [InlineData(
        "variable: REDIS",
        "variable: R, database: 'a b'",
        "state: cache: database: it is of at most 63 letters"
    )]
    public void A_rehearsal_that_cannot_be_carried_out_is_said(string valid, string invalid, string problem)
    {
        Assert.Contains(valid, Rehearsal, StringComparison.Ordinal);
        string wrong = Rehearsal.Replace(valid, invalid, StringComparison.Ordinal);
        Assert.StartsWith(
            $"spec.rehearsal.{problem}",
            Assert.Single(WithRehearsal(wrong).Spec.Problems()),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void An_audit_of_nothing_says_so() =>
        Assert.Equal(["spec.server: there is none", "spec.jury: there is none"], new V1Alpha1McpAuditSpec().Problems());

    [Theory]
    [InlineData("""{"metadata":{"name":"a"},"spec":{"server":5}}""", "$.spec.server")]
    [InlineData("""{"metadata":{"name":"a"},"spec":null}""", "spec: it is null")]
    [InlineData(
        """{"metadata":{"name":"a"},"spec":{"server":{"port":99999999999}},"status":4}""",
        "$.spec.server.port"
    )]
    public void One_that_cannot_be_read_can_still_be_named(string text, string problem)
    {
        using var json = JsonDocument.Parse(text);
        var audit = McpAuditJson.Read(
            json.RootElement,
            element => KubernetesJson.Deserialize<V1Alpha1McpAudit>(element)
        )!;
        Assert.Equal("a", audit.Metadata.Name);
        Assert.Contains(problem, audit.Problem, StringComparison.Ordinal);
        Assert.NotEmpty(audit.Spec.Problems());
    }

    [Theory]
    [InlineData("1ms", 1)]
    [InlineData("500ms", 500)]
    [InlineData("86400s", 86_400_000)]
    [InlineData("2m", 120_000)]
    [InlineData("24h", 86_400_000)]
    public void A_time_is_read(string text, int milliseconds)
    {
        Assert.True(AuditTime.TryParse(text, out var time));
        Assert.Equal(milliseconds, time.TotalMilliseconds);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0s")]
    [InlineData("5")]
    [InlineData("5s\n")]
    [InlineData("1.5s")]
    [InlineData("86401s")]
    [InlineData("25h")]
    [InlineData("1d")]
    public void What_is_no_time_is_not(string? text) => Assert.False(AuditTime.TryParse(text, out _));
}
