using System.Globalization;
using System.Text;

namespace Ocx.NodeAgent.Telemetry;

/// <summary>
/// The text of <c>/metrics</c>: OpenMetrics 1.0 for who asks for it, else Prometheus' text format 0.0.4. They differ in how a counter is announced and in the end.
/// </summary>
internal sealed class MetricsText(bool openMetrics)
{
    private readonly StringBuilder _text = new();

    /// <summary>The content type of the format.</summary>
    public string ContentType => openMetrics
        ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
        : "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Adds a counter, which has a value for each of its labels, or one without.</summary>
    /// <param name="name">Its name without <c>_total</c>.</param>
    /// <param name="help">What it counts.</param>
    /// <param name="samples">Labels in braces or empty, and values.</param>
    public MetricsText Counter(string name, string help, IEnumerable<(string Labels, ulong Value)> samples)
    {
        Describe(openMetrics ? name : name + "_total", "counter", help);
        foreach ((string labels, ulong value) in samples)
        {
            _text.Append(CultureInfo.InvariantCulture, $"{name}_total{labels} {value}\n");
        }
        return this;
    }

    /// <summary>Adds a counter without labels.</summary>
    public MetricsText Counter(string name, string help, ulong value) => Counter(name, help, [(string.Empty, value)]);

    /// <summary>Adds a gauge.</summary>
    public MetricsText Gauge(string name, string help, long value, string labels = "")
    {
        Describe(name, "gauge", help);
        _text.Append(CultureInfo.InvariantCulture, $"{name}{labels} {value}\n");
        return this;
    }

    /// <summary>Adds a histogram of durations.</summary>
    /// <param name="name">Its name without its unit, seconds.</param>
    /// <param name="help">What it measures.</param>
    /// <param name="series">The series.</param>
    public MetricsText Histogram(string name, string help, IEnumerable<(Labels Labels, DurationHistogram Histogram)> series)
    {
        name += "_seconds";
        Describe(name, "histogram", help);
        if (openMetrics)
        {
            _text.Append(CultureInfo.InvariantCulture, $"# UNIT {name} seconds\n");
        }
        foreach ((Labels labels, DurationHistogram histogram) in series)
        {
            ulong count = 0;
            for (int i = 0; i < histogram.Counts.Length; i++)
            {
                count += histogram.Counts[i];
                string bound = i < DurationHistogram.Bounds.Length ? DurationHistogram.Bounds[i].ToString("0.0##", CultureInfo.InvariantCulture) : "+Inf";
                _text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{labels.With("le", bound)} {count}\n");
            }
            _text.Append(CultureInfo.InvariantCulture, $"{name}_sum{labels} {histogram.Sum:R}\n{name}_count{labels} {count}\n");
        }
        return this;
    }

    /// <inheritdoc/>
    public override string ToString() => openMetrics ? _text + "# EOF\n" : _text.ToString();

    private void Describe(string name, string type, string help) => _text.Append($"# HELP {name} {help}\n# TYPE {name} {type}\n");
}
