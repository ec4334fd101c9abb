namespace Ocx.Audit.Signals;

/// <summary>
/// Mean and variance of a row of numbers: of all as long as they are few (Welford's way), then with more weight on the
/// newer ones, so that what is usual may change.
/// </summary>
internal struct RunningStats
{
    private const int Window = 64;
    private double _variance;

    /// <summary>How many there were.</summary>
    public int Count { get; private set; }

    public double Mean { get; private set; }

    public readonly double Deviation => Math.Sqrt(_variance);

    public void Add(double value)
    {
        Count = Math.Min(Count, int.MaxValue - 1) + 1;
        double weight = 1.0 / Math.Min(Count, Window);
        double off = value - Mean;
        Mean += weight * off;
        _variance = (1 - weight) * (_variance + (weight * off * off));
    }
}
