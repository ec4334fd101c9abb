using Microsoft.Extensions.Logging;
using Ocx.Mcp;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tests;
using Ocx.NodeAgent.Findings;
using Ocx.NodeProgram;
using Xunit;

namespace Ocx.NodeAgent.Tests.Findings;

/// <summary>
/// Traffic that is followed and judged as in the agent: what was logged, counted and would be reported of it.
/// </summary>
internal sealed class Judged : IMcpSink, ILogger<FindingLog>
{
    private readonly McpTracker _tracker;
    private int _clientPort = 40_000;

    public Judged(McpOptions? options = null)
    {
        Log = new FindingLog(this, new Clock(this));
        _tracker = new McpTracker((options ?? new McpOptions()) with { HashTools = true }, this);
    }

    public FindingLog Log { get; }

    public McpTracker Tracker => _tracker;

    public PeerIdentity? Server { get; set; }

    public long Now { get; set; } = 1_700_000_000_000_000_000;

    /// <summary>By how much the machine's clock was set meanwhile, in nanoseconds.</summary>
    public long Step { get; set; }

    public List<string> Warnings { get; } = [];

    /// <summary>Kinds and counts, those that are not zero.</summary>
    public string Counts
    {
        get
        {
            var text = new MetricsText(openMetrics: false);
            Log.Render(text);
            const string Name = "ocx_agent_findings_total{kind=\"";
            return string.Join(
                ' ',
                text.ToString()
                    .Split('\n')
                    .Where(line =>
                        line.StartsWith(Name, StringComparison.Ordinal)
                        && !line.EndsWith(" 0", StringComparison.Ordinal)
                    )
                    .Select(line => line[Name.Length..].Replace("\"} ", "=", StringComparison.Ordinal))
            );
        }
    }

    /// <summary>One request and its answer, on a connection of their own.</summary>
    public Judged Exchange(string request, string answer, TimeSpan later = default)
    {
        Now += (long)later.TotalNanoseconds;
        Wire wire = new(_clientPort++);
        foreach (Sent sent in wire.Open().FromClient(request).FromServer(answer).Close().Log)
        {
            _tracker.Accept(wire.At(sent, (Now += 1000) + Step));
        }

        return this;
    }

    public void OnCall(CallRecord record)
    {
        record.ServerIdentity = Server;
        Log.OnCall(record);
    }

    public void OnUnreadable(in UnreadableConnection connection) { }

    void ILogger.Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        Assert.Equal(LogLevel.Warning, logLevel);
        Warnings.Add(formatter(state, exception));
    }

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    private sealed class Clock(Judged judged) : TimeProvider
    {
        public override long TimestampFrequency => 1_000_000_000;

        public override long GetTimestamp() => judged.Now;

        public override DateTimeOffset GetUtcNow() =>
            DateTimeOffset.UnixEpoch.AddTicks((judged.Now + judged.Step) / 100);
    }
}
