using System.Diagnostics;
using System.Reflection;
using Ocx.Audit.Ledger;
using Ocx.Auditor.Options;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Ocx.Auditor.Tracing;

/// <summary>
/// Sends spans of verdicts to an OTLP receiver, by OpenTelemetry's SDK and its standard variables. No verdict waits for
/// it: what finds its queue full, or is not taken, is lost. See docs/audit.md.
/// </summary>
internal sealed class TraceExport : IDisposable
{
    private const string Name = "ocx-auditor";
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT",
        TracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";

    // Of the 10 s that a stop may take.
    private const int FlushMs = 1000;

    private readonly ActivitySource _spans = new(Name);
    private readonly TracerProvider _provider;

    private TraceExport(Uri? tracesEndpoint)
    {
        string? headers = null;
        try
        {
            _provider = Sdk.CreateTracerProviderBuilder()
                .SetResourceBuilder(Resource())
                .AddSource(Name)
                .AddOtlpExporter(options =>
                {
                    headers = options.Headers;
                    if (tracesEndpoint is not null)
                    {
                        options.Endpoint = tracesEndpoint; // as it is; the SDK adds a path to the other one's
                    }
                })
                .Build();
        }
        catch (ArgumentException) when (!string.IsNullOrEmpty(headers))
        {
            // They are often a credential, which the exception may show.
            throw new StartupException(
                "OTEL_EXPORTER_OTLP_HEADERS: want name=value, and more after commas; what it holds is not shown here"
            );
        }
    }

    /// <summary>Starts to send when a receiver is named.</summary>
    /// <returns>Null when none is.</returns>
    /// <exception cref="StartupException">A variable cannot be read.</exception>
    public static TraceExport? FromEnvironment()
    {
        Uri? traces = Url(TracesEndpoint);
        return traces is not null || Url(Endpoint) is not null ? new TraceExport(traces) : null;
    }

    /// <summary>A call has its verdict and its record.</summary>
    /// <param name="entry">What stands in the ledger.</param>
    /// <param name="ended">When it stood there.</param>
    /// <param name="took">From the call's arrival to then.</param>
    public void Judged(LedgerEntry entry, DateTimeOffset ended, TimeSpan took) =>
        CallSpans.Make(_spans, entry, ended - took, ended);

    /// <summary>Sends what waits, for a moment.</summary>
    public void Dispose()
    {
        _provider.Shutdown(FlushMs);
        _provider.Dispose();
        _spans.Dispose();
    }

    // The URL may hold a credential: what is wrong with it is told without it.
    private static Uri? Url(string variable) =>
        Environment.GetEnvironmentVariable(variable) is not { Length: > 0 } text ? null
        : Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is ("http" or "https") ? url
        : throw new StartupException($"{variable}: want a URL that begins with http:// or https://");

    private static ResourceBuilder Resource()
    {
        string? version = typeof(TraceExport)
            .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion.Split('+')[0];
        // The standard variables come last: they win.
        return ResourceBuilder
            .CreateEmpty()
            .AddService(Name, serviceVersion: version)
            .AddAttributes([new("host.name", Environment.MachineName)])
            .AddTelemetrySdk()
            .AddEnvironmentVariableDetector();
    }
}
