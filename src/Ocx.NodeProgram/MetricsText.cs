using System.Buffers;
using System.Globalization;
using System.Text;

namespace Ocx.NodeProgram;

/// <summary>
/// The text of <c>/metrics</c>: OpenMetrics 1.0 for who asks for it, else Prometheus' text format 0.0.4. They differ in
/// how a counter is announced and in the end.
/// </summary>
public sealed class MetricsText(bool openMetrics)
{
    private readonly ArrayBufferWriter<byte> _text = new();

    /// <summary>The content type of the format.</summary>
    public string ContentType =>
        openMetrics
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
            Append($"{name}_total{labels} {value}\n");
        }
        return this;
    }

    /// <summary>Adds a counter without labels.</summary>
    public MetricsText Counter(string name, string help, ulong value) => Counter(name, help, [(string.Empty, value)]);

    /// <summary>Adds a gauge.</summary>
    public MetricsText Gauge(string name, string help, long value, string labels = "")
    {
        Describe(name, "gauge", help);
        Append($"{name}{labels} {value}\n");
        return this;
    }

    /// <summary>Adds a histogram of durations.</summary>
    /// <param name="name">Its name without its unit, seconds.</param>
    /// <param name="help">What it measures.</param>
    /// <param name="series">The series.</param>
    public MetricsText Histogram(
        string name,
        string help,
        IEnumerable<(Labels Labels, DurationHistogram Histogram)> series
    )
    {
        name += "_seconds";
        Describe(name, "histogram", help);
        if (openMetrics)
        {
            Append($"# UNIT {name} seconds\n");
        }
        foreach ((Labels labels, DurationHistogram histogram) in series)
        {
            ulong count = 0;
            for (int i = 0; i < histogram.Counts.Length; i++)
            {
                count += histogram.Counts[i];
                string bound =
                    i < histogram.Bounds.Length
                        ? histogram.Bounds[i].ToString("0.0###", CultureInfo.InvariantCulture)
                        : "+Inf";
                Append($"{name}_bucket{labels.With("le", bound)} {count}\n");
            }
            Append($"{name}_sum{labels} {histogram.Sum:R}\n{name}_count{labels} {count}\n");
        }
        return this;
    }

    /// <inheritdoc/>
    public override string ToString() => Encoding.UTF8.GetString(End().Span);

    /// <summary>The text is complete: all of it, in UTF-8.</summary>
    public ReadOnlyMemory<byte> End()
    {
        if (openMetrics)
        {
            Append($"# EOF\n");
        }
        return _text.WrittenMemory;
    }

    private void Describe(string name, string type, string help) =>
        Append($"# HELP {name} {help}\n# TYPE {name} {type}\n");

    private void Append(FormattableString line) =>
        Encoding.UTF8.GetBytes(line.ToString(CultureInfo.InvariantCulture), _text);
}
