using Ocx.Auditor.Audits;

namespace Ocx.Auditor.Tests.Audits;

/// <summary>An audit of a file says how its calls are held.</summary>
public sealed class GateTermsTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void One_that_observes_holds_nothing() => Assert.Null(Load("mode: Observe").Gate);

    [Fact]
    public void One_that_enforces_holds_as_it_says()
    {
        ActiveAudit plain = Load("mode: Enforce");
        Assert.Equal(new GateTerms(TimeSpan.FromSeconds(10), FailsOpen: false), plain.Gate);
        Assert.Equal(TimeSpan.FromSeconds(5), plain.Jury.Rules.Deadline);
        ActiveAudit open = Load("mode: Enforce\n  gate: {failurePolicy: Open, maxHold: 5s}");
        Assert.Equal(new GateTerms(TimeSpan.FromSeconds(5), FailsOpen: true), open.Gate);

        // A verdict at the very end of the hold would be late.
        Assert.Equal(TimeSpan.FromSeconds(4.75), open.Jury.Rules.Deadline);
    }

    [Theory]
    [InlineData("mode: Enforce\n  gate: {maxHold: 4s}", "spec.jury.deadline: 5s is longer than the 4s of spec.gate.")]
    [InlineData("mode: Enforce\n  gate: {maxHold: 1m}", "spec.gate.maxHold: '1m' is no time")]
    [InlineData("mode: Enforce\n  gate: {maxhold: 1s}", "maxhold")]
    [InlineData(
        "mode: Enforce\n  gate: {failurePolicy: Ignore}",
        "spec.gate.failurePolicy: it is none of Open, Closed"
    )]
    public void What_cannot_be_held_so_is_said(string spec, string problem) =>
        Assert.Contains(problem, Assert.Throws<FormatException>(() => Load(spec)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0, 9.5)]
    [InlineData(4, 5.5)]
    [InlineData(9.9, 0)]
    [InlineData(-3600, 9.5)] // another clock
    [InlineData(3600, 9.5)]
    public void What_is_left_is_counted_from_the_calls_first_byte(double age, double left)
    {
        DateTimeOffset now = DateTimeOffset.UnixEpoch.AddDays(1);
        var terms = new GateTerms(TimeSpan.FromSeconds(10), FailsOpen: false);
        Assert.Equal(TimeSpan.FromSeconds(left), terms.Left(now - TimeSpan.FromSeconds(age), now));
    }

    private ActiveAudit Load(string spec)
    {
        File.WriteAllText(
            _file,
            $$"""
            apiVersion: ocx.dev/v1alpha1
            kind: McpAudit
            metadata:
              name: orders
            spec:
              server:
                port: 8080
              jury:
                jurors:
                  - name: signs
                    signal: {}
              {{spec}}
            """
        );
        return Assert.Single(AuditFile.Load(_file, _ => throw new InvalidOperationException(), _ => { }));
    }
}
