using System.Text;
using Ocx.Mcp.Records;
using Ocx.NodeAgent.Calls;
using Ocx.NodeProgram;

namespace Ocx.NodeAgent.Telemetry;

/// <summary>
/// Counts and times calls for <c>/metrics</c>, in bounded memory. Safe from any thread. See docs/metrics.md.
/// </summary>
internal sealed class CallMetrics : ICallObserver
{
    /// <summary>The most that <see cref="Render"/> adds, whatever names calls had.</summary>
    public const int MaxBytes = (int)(MaxToServersBytes + MaxToClientsBytes + MaxClientsBytes) + (64 << 10);

    private const int MaxOperations = 1000;
    private const int MaxClients = 256;

    // What each kind of series may take of the text: a thousand operations with names of usual length, fewer with
    // longer ones.
    private const long MaxToServersBytes = 4 << 20,
        MaxToClientsBytes = 512 << 10,
        MaxClientsBytes = 256 << 10;

    // A line without its labels: the metric's name, the bucket's bound, the value.
    private const int LineBytes = 96;

    private static readonly CallStatus[] s_statuses = Enum.GetValues<CallStatus>();

    private readonly Lock _lock = new();
    private readonly BoundedSeries<Operation, DurationHistogram> _toServers = new(
        MaxOperations,
        MaxToServersBytes,
        SizeOf
    );
    private readonly BoundedSeries<Operation, DurationHistogram> _toClients = new(
        MaxOperations,
        MaxToClientsBytes,
        SizeOf
    );
    private readonly BoundedSeries<Caller, ulong> _callers = new(MaxClients, MaxClientsBytes, SizeOf);
    private readonly ulong[] _byStatus = new ulong[s_statuses.Length];

    /// <inheritdoc/>
    public void OnCall(CallRecord call)
    {
        Operation operation = Operation.Of(call);
        Caller caller = Caller.Of(call);
        lock (_lock)
        {
            _byStatus[(int)call.Status]++;
            (call.FromServer ? _toClients : _toServers).Of(operation, operation.Overflow).Add(call.DurationNs / 1e9);
            if (!call.FromServer)
            {
                _callers.Of(caller, Caller.Overflow)++;
            }
        }
    }

    /// <summary>Adds what was counted so far: at most <see cref="MaxBytes"/>.</summary>
    public void Render(MetricsText text)
    {
        lock (_lock)
        {
            text.Counter(
                "ocx_agent_calls",
                "MCP calls that are over, by how they ended.",
                s_statuses.Select(status => ($"{{status=\"{CallRecordWriter.Name(status)}\"}}", _byStatus[(int)status]))
            );
            text.Histogram(
                "mcp_server_operation_duration",
                "From a request's first byte to the end of its answer, as it passed the tap.",
                Series(_toServers)
            );
            text.Histogram(
                "mcp_client_operation_duration",
                "The same of requests that servers make of their clients.",
                Series(_toClients)
            );
            text.Counter(
                "ocx_agent_client_calls",
                "Calls by who made them.",
                _callers.Values.Select(caller => (caller.Key.ToLabels().ToString(), caller.Value))
            );
            text.Counter(
                "ocx_agent_metric_overflow",
                "Calls counted as 'other', as there were too many series to tell them apart.",
                [
                    ("{metric=\"mcp_server_operation_duration\"}", _toServers.Overflow),
                    ("{metric=\"mcp_client_operation_duration\"}", _toClients.Overflow),
                    ("{metric=\"ocx_agent_client_calls\"}", _callers.Overflow),
                ]
            );
        }
    }

    private static long SizeOf(Operation operation) =>
        (DurationHistogram.McpBuckets + 2)
        * (long)(LineBytes + Encoding.UTF8.GetByteCount(operation.ToLabels().ToString()));

    private static long SizeOf(Caller caller) => LineBytes + Encoding.UTF8.GetByteCount(caller.ToLabels().ToString());

    private static IEnumerable<(Labels Labels, DurationHistogram Histogram)> Series(
        BoundedSeries<Operation, DurationHistogram> series
    ) => series.Values.Select(one => (one.Key.ToLabels(), one.Value));
}
