using System.Globalization;
using System.Text;

namespace Ocx.NodeAgent.Http;

/// <summary>Prometheus' text format 0.0.4, as far as counters and gauges need it.</summary>
internal sealed class PrometheusText
{
    /// <summary>The content type of the format.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();

    /// <summary>Adds a counter, which has a value for each of its labels, or one without.</summary>
    public PrometheusText Counter(string name, string help, params ReadOnlySpan<(string Labels, ulong Value)> samples)
    {
        Describe(name, "counter", help);
        foreach ((string labels, ulong value) in samples)
        {
            _text.Append(CultureInfo.InvariantCulture, $"{name}{labels} {value}\n");
        }
        return this;
    }

    /// <summary>Adds a gauge.</summary>
    public PrometheusText Gauge(string name, string help, long value, string labels = "")
    {
        Describe(name, "gauge", help);
        _text.Append(CultureInfo.InvariantCulture, $"{name}{labels} {value}\n");
        return this;
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    private void Describe(string name, string type, string help) => _text.Append($"# HELP {name} {help}\n# TYPE {name} {type}\n");
}
