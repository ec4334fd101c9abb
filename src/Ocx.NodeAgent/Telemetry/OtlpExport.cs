using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tracing;
using Ocx.NodeAgent.Calls;
using Ocx.NodeProgram;
using Ocx.Text;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Ocx.NodeAgent.Telemetry;

/// <summary>
/// Sends a span and a log of each call to an OTLP receiver, by OpenTelemetry's SDK. The tap never waits for it: what
/// finds the queue full is shed and counted. See docs/otlp.md.
/// </summary>
internal sealed class OtlpExport : ICallObserver, IDisposable
{
    private const string Name = "ocx-node-agent";
    private const int MaxBatch = 1024;
    private const int SendAfterMs = 1000;
    private const int GiveUpAfterMs = 10_000;

    // Of the 5 s that a stop may take; both signals share it.
    private static readonly TimeSpan s_flush = TimeSpan.FromSeconds(1);

    private readonly ActivitySource _spans = new(Name);
    private readonly List<KeyValuePair<string, object?>> _attributes = [];
    private readonly TracerProvider _traces;
    private readonly BatchLogRecordExportProcessor _logQueue;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logs;
    private bool _closed;

    /// <summary>Starts to send.</summary>
    /// <param name="endpoint">
    /// The receiver. The protocol, headers and certificates are the SDK's standard variables'.
    /// </param>
    /// <param name="node">The node's name in the cluster, or empty.</param>
    /// <exception cref="StartupException">The headers cannot be read.</exception>
    public OtlpExport(Uri endpoint, string node)
    {
        // The receiver may be restarting: within a batch's time it is asked again.
        if (Environment.GetEnvironmentVariable("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY") is null)
        {
            Environment.SetEnvironmentVariable("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "in_memory");
        }
        ResourceBuilder resource = Resource(node);
        _traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource(Name)
            .AddProcessor(
                new BatchActivityExportProcessor(
                    new CountedExporter<Activity>(TraceExporter(endpoint), Spans),
                    ExportCounts.MaxWaiting,
                    SendAfterMs,
                    GiveUpAfterMs,
                    MaxBatch
                )
            )
            .Build();
        _logQueue = new BatchLogRecordExportProcessor(
            new CountedExporter<LogRecord>(new OtlpLogExporter(To(endpoint, "v1/logs")), Logs),
            ExportCounts.MaxWaiting,
            SendAfterMs,
            GiveUpAfterMs,
            MaxBatch
        );
        _loggers = LoggerFactory.Create(logging =>
            logging.AddOpenTelemetry(to =>
            {
                to.SetResourceBuilder(resource).AddProcessor(_logQueue);
                to.IncludeFormattedMessage = true;
            })
        );
        _logs = _loggers.CreateLogger(Name);
    }

    /// <summary>What became of spans.</summary>
    public ExportCounts Spans { get; } = new();

    /// <summary>What became of logs.</summary>
    public ExportCounts Logs { get; } = new();

    /// <inheritdoc/>
    public void OnCall(CallRecord call)
    {
        if (_closed)
        {
            return;
        }
        bool span = Spans.TryWait(),
            log = Logs.TryWait();
        if (!span && !log)
        {
            return;
        }
        _attributes.Clear();
        CallAttributes.Describe(call, _attributes);
        using Activity? activity = span ? Start(call) : null;
        if (span && activity is not { Recorded: true })
        {
            // The client's own decision: its trace is not sampled.
            Spans.Leave();
        }
        else if (span)
        {
            Spans.Take(CallAttributes.SizeOf(_attributes));
        }
        if (log)
        {
            CallAttributes.AddPayload(call, _attributes);
            Logs.Take(CallAttributes.SizeOf(_attributes));
            _logs.Log(
                Operation.ErrorType(call).Length == 0 ? LogLevel.Information : LogLevel.Warning,
                default,
                _attributes,
                null,
                (_, _) => CallRecordWriter.ToLine(call)
            );
        }
        activity?.SetEndTime(Time(call.StartUnixNs + call.DurationNs));
    }

    /// <summary>Sends what waits, for a moment.</summary>
    public Task FlushAsync() =>
        Task.Run(() =>
        {
            Parallel.Invoke(
                () => _traces.Shutdown((int)s_flush.TotalMilliseconds),
                () => _logQueue.Shutdown((int)s_flush.TotalMilliseconds)
            );
            _closed = true;
            Spans.Close();
            Logs.Close();
        });

    /// <inheritdoc/>
    public void Dispose() => _spans.Dispose();

    // The first to read the headers, which are often a credential: what is wrong with them is told without them.
    private static OtlpTraceExporter TraceExporter(Uri endpoint)
    {
        OtlpExporterOptions options = To(endpoint, "v1/traces");
        try
        {
            return new OtlpTraceExporter(options);
        }
        catch (ArgumentException) when (!string.IsNullOrEmpty(options.Headers))
        {
            throw new StartupException(
                "OTEL_EXPORTER_OTLP_HEADERS: want name=value, and more after commas; what it holds is not shown here"
            );
        }
    }

    private static OtlpExporterOptions To(Uri endpoint, string path)
    {
        var options = new OtlpExporterOptions { TimeoutMilliseconds = GiveUpAfterMs };
        options.Endpoint =
            options.Protocol == OtlpExportProtocol.HttpProtobuf
                ? new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/{path}")
                : endpoint;
        return options;
    }

    private static ResourceBuilder Resource(string node)
    {
        ResourceBuilder resource = ResourceBuilder
            .CreateEmpty()
            .AddService(Name, serviceVersion: ProgramVersion.Of(typeof(OtlpExport).Assembly))
            .AddAttributes([new("host.name", Environment.MachineName)]);
        // The standard variables come last: they win.
        return (node.Length == 0 ? resource : resource.AddAttributes([new("k8s.node.name", node)]))
            .AddTelemetrySdk()
            .AddEnvironmentVariableDetector();
    }

    // The server's side of the call, as if the server had told of it.
    private Activity? Start(CallRecord call)
    {
        TraceParent parent = call.TraceParent;
        ActivityContext context = !parent.IsValue
            ? default
            : new(
                ActivityTraceId.CreateFromString($"{parent.TraceId:x32}"),
                ActivitySpanId.CreateFromString($"{parent.SpanId:x16}"),
                (ActivityTraceFlags)(parent.Flags & 1),
                State(call.TraceState),
                isRemote: true
            );
        Activity? activity = _spans.StartActivity(
            CallAttributes.SpanName(call),
            call.FromServer ? ActivityKind.Client : ActivityKind.Server,
            context,
            _attributes,
            null,
            Time(call.StartUnixNs)
        );
        if (Operation.ErrorType(call).Length > 0)
        {
            activity?.SetStatus(ActivityStatusCode.Error);
        }
        return activity;
    }

    // W3C Trace Context, 3.3.1.3: printable ASCII. What is none is not passed on.
    private static string? State(string text) => Ascii.IsValid(text) && WireText.Escape(text) == text ? text : null;

    private static DateTime Time(long unixNs) => DateTime.UnixEpoch.AddTicks(unixNs / 100);
}
