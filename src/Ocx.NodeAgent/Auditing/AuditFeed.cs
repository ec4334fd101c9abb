using Microsoft.Extensions.Logging;
using Ocx.Audit.Link;
using Ocx.Audit.Wire;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;
using Ocx.NodeAgent.Attribution;
using Ocx.NodeAgent.Calls;
using Ocx.NodeAgent.Options;
using Ocx.NodeProgram;

namespace Ocx.NodeAgent.Auditing;

/// <summary>
/// Tells the auditor of the calls that are audited. The tap never waits for it: what finds the queue full is shed and
/// counted, and costs verdicts alone. See docs/agent.md.
/// </summary>
internal sealed class AuditFeed : ICallObserver, IAsyncDisposable
{
    // Of the 5 s that a stop may take.
    private static readonly TimeSpan s_flush = TimeSpan.FromSeconds(1);

    private readonly string[] _methods;
    private readonly int? _maxArguments;
    private readonly CallAttribution? _attribution;
    private readonly AuditQueue _queue = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly AuditorLink _link;
    private readonly Task _running;

    /// <summary>Starts to look for the auditor.</summary>
    /// <param name="auditor">Where it is, and what it wants to know.</param>
    /// <param name="payload">Whether arguments leave the agent.</param>
    /// <param name="node">The node's name.</param>
    /// <param name="keys">What calls are named by.</param>
    /// <param name="attribution">Knows the pods at the ends of calls; null where they are not known.</param>
    /// <param name="logger">Is told when the auditor comes and goes.</param>
    public AuditFeed(
        AuditorOptions auditor,
        PayloadMode payload,
        string node,
        CallKeys keys,
        CallAttribution? attribution,
        ILogger<AuditFeed> logger
    )
    {
        _methods = [.. auditor.Methods];
        _maxArguments = payload == PayloadMode.Full ? auditor.MaxArguments : null;
        _attribution = attribution;
        var hello = new Hello
        {
            Version = CallMessages.Text(ProgramVersion.Of(typeof(AuditFeed).Assembly), AuditBounds.Version),
            Node = CallMessages.Text(node, AuditBounds.Node),
            Instance = keys.Instance,
        };
        _link = new AuditorLink(auditor.Endpoint, hello, _queue, logger);
        _running = Task.Run(() => _link.RunAsync(_stop.Token));
    }

    /// <summary>What became of messages. Safe from any thread.</summary>
    public AuditCounts Counts => _queue.Counts;

    /// <summary>Does the auditor listen? Safe from any thread.</summary>
    public bool IsUp => _link.IsUp;

    /// <inheritdoc/>
    public void OnOpened(CallRecord call)
    {
        if (IsAudited(call))
        {
            (PeerIdentity? client, PeerIdentity? server) = _attribution?.Known(call) ?? default;
            _queue.Add(AuditMessages.Opened(call, client, server, _maxArguments));
        }
    }

    /// <inheritdoc/>
    public void OnAnswering(CallRecord call, long unixNs)
    {
        if (IsAudited(call))
        {
            _queue.Add(AuditMessages.Answering(call, unixNs));
        }
    }

    /// <inheritdoc/>
    public void OnCall(CallRecord call)
    {
        if (IsAudited(call))
        {
            _queue.Add(AuditMessages.Closed(call));
        }
    }

    /// <inheritdoc/>
    public void EndOfBatch() => _queue.Wake();

    /// <summary>Sends what waits, for a moment; what is not acknowledged by then is lost.</summary>
    public async Task FlushAsync()
    {
        await Task.WhenAny(_queue.WhenEmpty(), Task.Delay(s_flush, CancellationToken.None)).ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _queue.Close();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _queue.Dispose();
        _stop.Dispose();
    }

    private bool IsAudited(CallRecord call) => _methods.AsSpan().Contains(call.Method);
}
