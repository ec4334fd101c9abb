using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Ocx.Mcp;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tests;
using Ocx.Mcp.Tests.Calls;
using Ocx.NodeAgent.Auditing;
using Ocx.NodeAgent.Options;

namespace Ocx.NodeAgent.Tests.Auditing;

/// <summary>The feed of an agent, told of calls as its follower tells of them.</summary>
internal sealed class TappedCalls : IMcpSink, IAsyncDisposable
{
    private readonly McpTracker _tracker;
    private readonly Wire _wire = new();
    private long _now = 1_700_000_000_000_000_000;

    public TappedCalls(AuditorOptions auditor, McpOptions? options = null, ILogger<AuditFeed>? logger = null)
    {
        var keys = new CallKeys();
        Instance = keys.Instance;
        options ??= new();
        Feed = new AuditFeed(
            auditor,
            options.Payload,
            "node-1",
            keys,
            attribution: null,
            logger ?? NullLogger<AuditFeed>.Instance
        );
        _tracker = new McpTracker(
            options with
            {
                CallKeys = keys,
                AuditedMethods = auditor.Methods,
                MaxAuditedBytes = auditor.MaxArguments,
            },
            this
        );
        Pass(_wire.Open());
    }

    public AuditFeed Feed { get; }

    public string Instance { get; }

    /// <summary>The keys that calls were given, those that are not audited among them.</summary>
    public List<string> Keys { get; } = [];

    /// <summary>Requests.</summary>
    public void Open(int first, int count, string arguments = "{}") =>
        EachOf(first, count, id => _wire.FromClient(Peer.Call(id, arguments: arguments) + "\n", 60_000));

    /// <summary>Their answers.</summary>
    public void Close(int first, int count) => EachOf(first, count, id => _wire.FromServer(Peer.Result(id) + "\n"));

    /// <summary>A request and its answer.</summary>
    public void Exchange(string request, string answer)
    {
        Pass(_wire.FromClient(request + "\n").FromServer(answer + "\n"));
        Feed.EndOfBatch();
    }

    public async ValueTask DisposeAsync() => await Feed.DisposeAsync();

    void IMcpSink.OnOpened(CallRecord record)
    {
        Keys.Add(record.Key);
        Feed.OnOpened(record);
    }

    void IMcpSink.OnAnswering(CallRecord record, long unixNs) => Feed.OnAnswering(record, unixNs);

    void IMcpSink.OnCall(CallRecord record) => Feed.OnCall(record);

    void IMcpSink.OnUnreadable(in UnreadableConnection connection) { }

    private void EachOf(int first, int count, Action<int> send)
    {
        for (int id = first; id < first + count; id++)
        {
            send(id);
            Pass(_wire);
        }

        Feed.EndOfBatch();
    }

    private void Pass(Wire wire)
    {
        foreach (Sent sent in wire.Log)
        {
            _tracker.Accept(wire.At(sent, _now += 1000));
        }

        wire.Log.Clear();
    }
}
