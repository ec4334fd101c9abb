namespace Ocx.TapBench.Overhead;

/// <summary>
/// Measures each subject between two measurements without a tap, round after round. A machine's speed drifts by more than a
/// tap costs; the ratio of neighbours does not.
/// </summary>
internal static class PairedRounds
{
    /// <summary>The measurements of each subject, each with the mean of those without a tap just before and after it.</summary>
    public static IReadOnlyDictionary<Subject, List<Pair>> Run(int rounds, Func<double> measure)
    {
        var pairs = Subject.All.ToDictionary(subject => subject, _ => new List<Pair>());
        _ = measure();
        double before = measure();
        for (int round = 0; round < rounds; round++)
        {
            foreach (Subject subject in Subject.All)
            {
                double tapped;
                using (subject.Start())
                {
                    tapped = measure();
                }
                double after = measure();
                pairs[subject].Add(new Pair((before + after) / 2, tapped));
                before = after;
            }
        }
        return pairs;
    }

    internal readonly record struct Pair(double Without, double Tapped);
}
