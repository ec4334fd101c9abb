using Ocx.Audit.Expressions;
using Ocx.Audit.Jury;
using Ocx.Text;

namespace Ocx.Audit.Policy;

/// <summary>What came of compiling rules.</summary>
/// <param name="Juror">The juror; null when there are problems.</param>
/// <param name="Problems">Why the rules cannot be used, each with its rule, the place and what is known.</param>
/// <param name="Warnings">Rules that match no call, or every call.</param>
public sealed record PolicyCheck(PolicyJuror? Juror, IReadOnlyList<string> Problems, IReadOnlyList<string> Warnings)
{
    /// <summary>The most rules of a juror.</summary>
    public const int MostRules = 64;

    /// <summary>The longest name of a rule, in characters.</summary>
    public const int LongestName = 63;

    /// <summary>The longest message of a rule, in characters.</summary>
    public const int LongestMessage = 256;

    /// <summary>The longest condition, in characters.</summary>
    public const int LongestCondition = CelLimits.Length;

    private const int LongestProblem = 1024;

    /// <summary>Compiles rules.</summary>
    /// <param name="juror">The juror's name.</param>
    /// <param name="rules">The rules, in the audit's order.</param>
    /// <param name="methods">The methods of the calls that the audit matches.</param>
    /// <param name="rehearsed">The audit has calls rehearsed: rules may read what they did.</param>
    public static PolicyCheck Of(
        string juror,
        IReadOnlyList<PolicyRule> rules,
        IReadOnlyList<string> methods,
        bool rehearsed = false
    )
    {
        ArgumentNullException.ThrowIfNull(rules);
        var (problems, warnings) = (new List<string>(), new List<string>());
        if (rules.Count is 0 or > MostRules)
        {
            problems.Add($"a policy has 1 to {MostRules} rules, not {rules.Count}");
        }

        var compiled = new List<CompiledRule>();
        var names = new HashSet<string>();
        foreach (var rule in rules.Take(MostRules))
        {
            var place = CompiledRule.PlaceOf(rule);
            if (FormProblem(rule, names) is { } problem)
            {
                problems.Add($"{place}: {problem}");
                continue;
            }

            try
            {
                var condition = CallCondition.Compile(rule.When, rehearsed);
                compiled.Add(new(rule, condition));
                if (condition.Warning(methods) is { } warning)
                {
                    warnings.Add($"{place}: {warning}");
                }
            }
            catch (FormatException e)
            {
                problems.Add($"{place}: {WireText.Escape(e.Message, LongestProblem)}");
            }
        }

        return new(problems.Count == 0 ? new PolicyJuror(juror, compiled) : null, problems, warnings);
    }

    private static string? FormProblem(PolicyRule rule, HashSet<string> names) =>
        rule.Name.Length is 0 or > LongestName ? $"a name has 1 to {LongestName} characters"
        : !names.Add(rule.Name) ? "another rule has this name"
        : rule.Then is not (Ballot.Release or Ballot.Hold or Ballot.Refuse) ? "'then' is Release, Hold or Refuse"
        : rule.Message?.Length > LongestMessage ? $"a message has at most {LongestMessage} characters"
        : null;
}
