using System.Diagnostics;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Policy;

namespace Ocx.AuditBench;

/// <summary>Ten rules in CEL on one call, none of which matches: each is evaluated.</summary>
internal static class RulesMeasurement
{
    private const int Rounds = 9,
        Calls = 50_000;

    private static readonly string[] s_methods = ["tools/call"];

    public static async Task RunAsync()
    {
        PolicyCheck check = PolicyCheck.Of(
            "rules",
            [.. BenchAudit.Rules.Select((when, at) => new PolicyRule($"rule-{at}", when, Ballot.Refuse, null))],
            s_methods
        );
        PolicyJuror juror = check.Juror ?? throw new InvalidOperationException(string.Join("; ", check.Problems));
        Intent intent = BenchAudit.Call;
        var times = new List<double>();
        for (int round = 0; round <= Rounds; round++)
        {
            long began = Stopwatch.GetTimestamp();
            for (int call = 0; call < Calls; call++)
            {
                Vote vote = await juror.JudgeAsync(intent, CancellationToken.None);
                if (vote.Ballot != Ballot.Abstain)
                {
                    throw new InvalidOperationException(vote.Reason);
                }
            }

            times.Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds / Calls);
        }

        Figures.Tell($"ten rules on a call              {Figures.Median(times.Skip(1)), 9:N2} µs");
    }
}
