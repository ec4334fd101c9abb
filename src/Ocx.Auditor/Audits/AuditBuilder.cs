using System.Globalization;
using Ocx.Api;
using Ocx.Audit.Classes;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Audit.Policy;
using Ocx.Audit.Signals;

namespace Ocx.Auditor.Audits;

/// <summary>
/// Makes an audit ready to judge: globs and rules are compiled, and jurors are found. Jurors outside of the process are
/// for whoever builds: they need connections, secrets or people.
/// </summary>
internal sealed class AuditBuilder(TimeProvider time, Func<V1Alpha1Juror, IJuror> remote)
{
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
        _problems.AddRange(audit.Spec.Problems(standsAlone: true));
        if (_problems.Count > 0)
        {
            return null;
        }

        V1Alpha1McpAuditSpec spec = audit.Spec;
        var scope = new AuditScope
        {
            Port = spec.Server!.Port,
            Methods = [.. spec.Match.Methods],
            Tools = [.. Globs("spec.match.tools", spec.Match.Tools)],
            When = Condition(spec.Match.When),
        };
        IEnumerable<ClassRule> classes = (spec.Classes.Rules ?? []).SelectMany(rule =>
            Globs("spec.classes.rules.tools", rule.Tools)
                .Select(tools => new ClassRule(tools, Word<CallClass>("spec.classes.rules.class", rule.Class)))
        );
        var classifier = new Classifier([.. classes], spec.Classes.TrustAnnotations);
        JuryPanel? jury = Jury(spec.Jury!, scope.Methods);
        if (_problems.Count > 0)
        {
            return null;
        }

        var reference = new AuditReference(
            audit.Metadata.NamespaceProperty ?? string.Empty,
            audit.Metadata.Name,
            audit.Metadata.Generation ?? 0
        );
        return new ActiveAudit(reference, spec.Mode, scope, classifier, jury!)
        {
            Connections = [.. jury!.Rules.Seats.Select(seat => seat.Juror).OfType<IDisposable>()],
        };
    }

    private JuryPanel? Jury(V1Alpha1AuditJury jury, IReadOnlyList<string> methods)
    {
        var seats = new List<Seat>();
        foreach (V1Alpha1Juror juror in jury.Jurors!)
        {
            _ = AuditTime.TryParse(juror.Timeout, out TimeSpan limit);
            Ballot onFailure = Word<Ballot>("spec.jury.jurors.onFailure", juror.OnFailure);
            if (Juror(juror, methods) is { } one)
            {
                seats.Add(new Seat(one, limit, onFailure));
            }
        }

        _ = AuditTime.TryParse(jury.Deadline, out TimeSpan deadline);
        var rules = new JuryRules
        {
            Seats = seats,
            Quorum = Word<Quorum>("spec.jury.quorum", jury.Quorum),
            Deadline = deadline,
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

    private IJuror? Juror(V1Alpha1Juror juror, IReadOnlyList<string> methods)
    {
        try
        {
            return juror switch
            {
                { Policy.Rules: { } rules } => Policy(juror.Name, rules, methods),
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

    private PolicyJuror? Policy(string name, IList<V1Alpha1PolicyRule> rules, IReadOnlyList<string> methods)
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
            methods
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
}
