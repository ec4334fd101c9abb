using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Ocx.Api;
using Ocx.Audit.Approvals;
using Ocx.Audit.Classes;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Audit.Policy;
using Ocx.Audit.Reverts;
using Ocx.Audit.Signals;
using Ocx.Auditor.Rehearsing;
using Ocx.Mcp.Redaction;
using Ocx.Text;

namespace Ocx.Auditor.Audits;

/// <summary>
/// Makes an audit ready to judge: globs and rules are compiled, and jurors are found. Jurors outside of the process are
/// for whoever builds: they need connections, secrets or people.
/// </summary>
/// <param name="time">The clock of its juries.</param>
/// <param name="remote">Makes the jurors that are outside of the process.</param>
/// <param name="standsAlone">There is no cluster: servers are known by their port alone.</param>
/// <param name="shadows">Makes who rehearses calls; null where nobody does.</param>
internal sealed partial class AuditBuilder(
    TimeProvider time,
    Func<V1Alpha1Juror, IJuror> remote,
    bool standsAlone = true,
    Func<RehearsalTerms, IShadows>? shadows = null
)
{
    // More calls than agents and gates have under way at once.
    private const int MostComputing = 65_536;

    private const int LongestProblem = 1024;

    private readonly List<string> _problems = [];
    private readonly List<string> _warnings = [];

    /// <summary>What is wrong with the audit; not empty where there is none.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>What an administrator should know of it.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Builds.</summary>
    /// <returns>The audit; null when there are problems.</returns>
    public ActiveAudit? Build(V1Alpha1McpAudit audit)
    {
        ArgumentNullException.ThrowIfNull(audit);
        _problems.AddRange(audit.Problem is { } unread ? [unread] : audit.Spec.Problems(standsAlone));
        if (_problems.Count > 0)
        {
            return null;
        }

        V1Alpha1McpAuditSpec spec = audit.Spec;
        var scope = new AuditScope
        {
            Port = spec.Server!.Port,
            Pods = standsAlone
                ? null
                : new PodScope(audit.Metadata.NamespaceProperty ?? string.Empty, spec.Server.PodSelector!),
            Methods = [.. spec.Match.Methods],
            Tools = [.. Globs("spec.match.tools", spec.Match.Tools)],
            When = Condition(spec.Match.When),
        };
        IEnumerable<ClassRule> classes = (spec.Classes.Rules ?? []).SelectMany(rule =>
            Globs("spec.classes.rules.tools", rule.Tools)
                .Select(tools => new ClassRule(tools, Word<CallClass>("spec.classes.rules.class", rule.Class)))
        );
        var classifier = new Classifier([.. classes], spec.Classes.TrustAnnotations);
        _ = Word<FailurePolicy>("spec.gate.failurePolicy", spec.Gate.FailurePolicy);
        _ = Word<Mode>("spec.mode", spec.Mode);
        GateTerms? gate = GateTerms.Of(spec);
        JuryPanel? jury = Jury(spec.Jury!, scope.Methods, gate, spec.Rehearsal is not null);
        LedgerRetention retention = Retention(spec.Retention);
        ArgumentRedaction? redaction = Redaction(spec.Redact);
        Compensations? compensations = Compensations(spec.Compensate);
        Rehearsed? rehearsed = RehearsedOf(spec.Rehearsal);
        if (_problems.Count > 0)
        {
            return null;
        }

        var reference = new AuditReference(
            audit.Metadata.NamespaceProperty ?? string.Empty,
            audit.Metadata.Name,
            audit.Metadata.Generation ?? 0
        );
        return new ActiveAudit(reference, scope, classifier, jury!)
        {
            Gate = gate,
            Retention = retention,
            Redaction = redaction,
            Compensations = compensations,
            Person = Person(spec),
            Rehearsal = rehearsed is null ? null : Rehearsal(audit, rehearsed),
            Connections = [.. jury!.Rules.Seats.Select(seat => seat.Juror).OfType<IDisposable>()],
        };
    }

    private ArgumentRedaction? Redaction(V1Alpha1Redaction? redact)
    {
        if (redact is null)
        {
            return null;
        }

        try
        {
            return new ArgumentRedaction(
                new RedactionOptions { Paths = [.. redact.Paths ?? []], Patterns = [.. redact.Patterns ?? []] }
            );
        }
        catch (ArgumentException wrong)
        {
            _problems.Add($"spec.redact: {wrong.Message}");
            return null;
        }
    }

    private Compensations? Compensations(V1Alpha1Compensation? spec) =>
        spec is null
            ? null
            : new Compensations(
                spec.Path,
                [
                    .. spec.Rules!.Select(rule => new Compensation(
                        [.. Globs("spec.compensate.rules.tools", rule.Tools)],
                        rule.Call!.Tool!,
                        [
                            .. (rule.Call.Arguments ?? new Dictionary<string, string>()).Select(argument =>
                                (argument.Key, Value(rule.Call.Tool!, argument.Key, argument.Value))
                            ),
                        ]
                    )),
                ]
            );

    private CallExpression Value(string tool, string name, string? text)
    {
        try
        {
            return CallExpression.Compile(text ?? string.Empty);
        }
        catch (FormatException wrong)
        {
            string place = $"{tool}: the argument {WireText.Quote(name, Glob.MaxLength)}";
            _problems.Add($"spec.compensate.rules: {place}: {WireText.Escape(wrong.Message, LongestProblem)}");
            return CallExpression.Compile("null");
        }
    }

    private LedgerRetention Retention(V1Alpha1AuditRetention? retention)
    {
        try
        {
            return AuditRetention.Read(retention);
        }
        catch (FormatException wrong)
        {
            _problems.Add(wrong.Message);
            return LedgerRetention.Forever;
        }
    }

    // What has been applied, not how it was written: defaults are in it.
    private static PersonRules Person(V1Alpha1McpAuditSpec spec)
    {
        V1Alpha1Juror? person = spec.Jury!.Jurors!.FirstOrDefault(juror => juror.Person is not null);
        byte[] applied = JsonSerializer.SerializeToUtf8Bytes(spec, AuditFileJson.Default.V1Alpha1McpAuditSpec);
        return new PersonRules(
            person?.Name,
            AuditTime.TryParse(person?.Person!.Expires, out TimeSpan expires) ? expires : PersonRules.DefaultExpires,
            Convert.ToHexStringLower(SHA256.HashData(applied))
        );
    }

    private JuryPanel? Jury(V1Alpha1AuditJury jury, IReadOnlyList<string> methods, GateTerms? gate, bool rehearsed)
    {
        var seats = new List<Seat>();
        foreach (V1Alpha1Juror juror in jury.Jurors!)
        {
            _ = AuditTime.TryParse(juror.Timeout, out TimeSpan limit);
            Ballot onFailure = Word<Ballot>("spec.jury.jurors.onFailure", juror.OnFailure);
            if (Juror(juror, methods, rehearsed) is { } one)
            {
                // Those that compute here wait for nobody: a burst of calls is no reason to fail.
                bool computes = juror.Policy is not null || juror.Signal is not null;
                seats.Add(computes ? new Seat(one, limit, onFailure, MostComputing) : new Seat(one, limit, onFailure));
            }
        }

        _ = AuditTime.TryParse(jury.Deadline, out TimeSpan deadline);
        var rules = new JuryRules
        {
            Seats = seats,
            Quorum = Word<Quorum>("spec.jury.quorum", jury.Quorum),
            Deadline = gate is { } terms && terms.Patience < deadline ? terms.Patience : deadline,
            OnDeadline = Word<Ballot>("spec.jury.onDeadline", jury.OnDeadline),
            OnNoVotes = jury.OnNoVotes is { } noVotes ? Word<Ballot>("spec.jury.onNoVotes", noVotes) : null,
        };
        if (_problems.Count > 0)
        {
            return null;
        }

        try
        {
            return new JuryPanel(rules, time);
        }
        catch (ArgumentException wrong)
        {
            _problems.Add($"spec.jury: {wrong.Message}");
            return null;
        }
    }

    private IJuror? Juror(V1Alpha1Juror juror, IReadOnlyList<string> methods, bool rehearsed)
    {
        try
        {
            return juror switch
            {
                { Policy.Rules: { } rules } => Policy(juror.Name, rules, methods, rehearsed),
                { Signal: { } signal } => new SignalJuror(Options(signal), juror.Name),
                _ => remote(juror),
            };
        }
        catch (ArgumentException wrong)
        {
            _problems.Add($"spec.jury.jurors: {juror.Name}: {wrong.Message}");
            return null;
        }
    }

    private PolicyJuror? Policy(
        string name,
        IList<V1Alpha1PolicyRule> rules,
        IReadOnlyList<string> methods,
        bool rehearsed
    )
    {
        PolicyCheck check = PolicyCheck.Of(
            name,
            [
                .. rules.Select(rule => new PolicyRule(
                    rule.Name,
                    rule.When ?? string.Empty,
                    Word<Ballot>("spec.jury.jurors.policy.rules.then", rule.Then),
                    rule.Message
                )),
            ],
            methods,
            rehearsed
        );
        _problems.AddRange(check.Problems.Select(problem => $"spec.jury.jurors: {name}: {problem}"));
        _warnings.AddRange(check.Warnings.Select(warning => $"spec.jury.jurors: {name}: {warning}"));
        return check.Juror;
    }

    private static SignalOptions Options(V1Alpha1SignalJuror signal) =>
        new()
        {
            Vote = signal.Vote == "Refuse" ? Ballot.Refuse : Ballot.Hold,
            Base64Bits = double.Parse(signal.Base64Bits, CultureInfo.InvariantCulture),
            HexBits = double.Parse(signal.HexBits, CultureInfo.InvariantCulture),
            MinLength = signal.MinLength,
            EncodedBytes = signal.EncodedBytes,
            EncodedShare = signal.EncodedPercent / 100.0,
            SizeFactor = signal.SizeFactor,
            CallsPerMinute = signal.CallsPerMinute,
            Regularity = signal.RegularityPercent / 100.0,
        };

    private CallCondition? Condition(string? when)
    {
        if (when is null)
        {
            return null;
        }

        try
        {
            return CallCondition.Compile(when);
        }
        catch (FormatException wrong)
        {
            _problems.Add($"spec.match.when: {wrong.Message}");
            return null;
        }
    }

    private IEnumerable<Glob> Globs(string place, IEnumerable<string>? patterns)
    {
        foreach (string pattern in patterns ?? [])
        {
            if (Glob.TryParse(pattern, out Glob? glob))
            {
                yield return glob;
            }
            else
            {
                _problems.Add($"{place}: a pattern has 1 to {Glob.MaxLength} characters besides *");
            }
        }
    }

    // A file was held to no schema.
    private T Word<T>(string place, string? word)
        where T : struct, Enum
    {
        if (Enum.TryParse(word, ignoreCase: false, out T value) && !char.IsAsciiDigit(word![0]))
        {
            return value;
        }

        _problems.Add($"{place}: it is none of {string.Join(", ", Enum.GetNames<T>())}");
        return default;
    }

    private enum Mode
    {
        Observe,
        Enforce,
    }

    private enum FailurePolicy
    {
        Open,
        Closed,
    }
}
