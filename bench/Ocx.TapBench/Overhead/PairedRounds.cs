namespace Ocx.TapBench.Overhead;

/// <summary>
/// Measures each subject in turn, round after round: a machine's speed drifts by more than a tap costs, the ratio
/// within a pair does not.
/// </summary>
internal static class PairedRounds
{
    /// <summary>Pairs that <paramref name="measure"/> takes while the subject runs.</summary>
    public static IReadOnlyDictionary<Subject, List<Pair>> Run(
        IReadOnlyList<Subject> subjects,
        int rounds,
        Func<Pair> measure
    ) =>
        Run(
            subjects,
            rounds,
            subject =>
            {
                using (subject.Start())
                {
                    return measure();
                }
            }
        );

    /// <summary>
    /// A measurement of each subject, paired with the mean of those without a tap just before and after it.
    /// </summary>
    public static IReadOnlyDictionary<Subject, List<Pair>> Run(
        IReadOnlyList<Subject> subjects,
        int rounds,
        Func<double> measure
    )
    {
        _ = measure();
        double before = measure();
        return Run(
            subjects,
            rounds,
            subject =>
            {
                double tapped;
                using (subject.Start())
                {
                    tapped = measure();
                }
                double after = measure();
                var pair = new Pair(tapped, (before + after) / 2);
                before = after;
                return pair;
            }
        );
    }

    private static Dictionary<Subject, List<Pair>> Run(
        IReadOnlyList<Subject> subjects,
        int rounds,
        Func<Subject, Pair> measure
    )
    {
        var pairs = subjects.ToDictionary(subject => subject, _ => new List<Pair>());
        for (int round = 0; round < rounds; round++)
        {
            foreach (Subject subject in subjects)
            {
                pairs[subject].Add(measure(subject));
            }
        }
        return pairs;
    }
}
