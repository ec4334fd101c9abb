using System.Net;
using Microsoft.Extensions.Logging;
using Ocx.Gate.Options;
using Ocx.Gate.Pods;
using Ocx.Gate.Rules;
using Ocx.NodeProgram;

namespace Ocx.Gate;

/// <summary>
/// Takes away what gates have set on this node. It is ready when nothing is left, and waits then to be told to stop.
/// </summary>
internal sealed class RulesRemover(GateOptions options, ILogger logger)
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(5);

    private volatile string? _notReady = "taking rules away";

    /// <summary>Runs until the token is cancelled.</summary>
    /// <returns>The exit code: 0, or 1 when something was left.</returns>
    /// <exception cref="StartupException">The machine does not allow what was asked for.</exception>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        NodeServers.CheckRights();
        await using HttpEndpoint? http =
            options.HttpPort == 0
                ? null
                : await HttpEndpoint
                    .StartAsync(
                        new IPEndPoint(options.HttpAddress, options.HttpPort),
                        () => _notReady,
                        text => text.Gauge("ocx_gate_removed", "1 once no rule is left.", _notReady is null ? 1 : 0)
                    )
                    .ConfigureAwait(false);
        while (!cancellation.IsCancellationRequested)
        {
            bool isDone = _notReady is null || TryRemove();
            await Task.Delay(isDone ? Timeout.InfiniteTimeSpan : s_retry, cancellation)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return _notReady is null ? 0 : 1;
    }

    private bool TryRemove()
    {
        try
        {
            logger.AbandonedRemoved(AbandonedRules.Remove());
            _notReady = null;
            return true;
        }
        catch (RulesException refused)
        {
            _notReady = refused.Message;
            logger.AbandonedNotRemoved(s_retry.TotalSeconds, refused.Message);
            return false;
        }
    }
}
