namespace Ocx.ScaleBench;

/// <summary>Values of one kind, and their percentiles.</summary>
internal sealed class Samples
{
    private readonly List<double> _values = [];

    public int Count => _values.Count;

    public void Add(double value) => _values.Add(value);

    /// <summary>The smallest value that this part of all values does not exceed.</summary>
    public double Percentile(double part)
    {
        _values.Sort();
        return _values[Math.Clamp((int)Math.Ceiling(part * _values.Count) - 1, 0, _values.Count - 1)];
    }
}
