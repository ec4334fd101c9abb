using k8s.Models;
using Ocx.Cli.Calls;
using Ocx.Cli.Clusters;
using Ocx.Cli.Exits;
using Ocx.Cli.Terminals;
using Ocx.Mcp.Records;

namespace Ocx.Cli.Observe;

/// <summary>The calls in the logs of all agents, those included that start later.</summary>
internal sealed class AgentLogs(Cluster cluster, string? tap, string? node, SkippedLines skipped, Terminal terminal)
{
    private static readonly TimeSpan s_lookAround = TimeSpan.FromSeconds(1);

    /// <summary>What the logs hold now, in the order of time; it fails where there is no agent.</summary>
    public async IAsyncEnumerable<RecordedCall> ReadAsync(
        DateTimeOffset? since,
        bool mayBeNone,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation
    )
    {
        V1Pod[] pods = [.. (await cluster.AgentsAsync(tap, node, cancellation).ConfigureAwait(false)).Where(HasLog)];
        if (pods.Length == 0 && !mayBeNone)
        {
            throw CliException.Failed(NoAgents());
        }

        IAsyncEnumerable<RecordedCall>[] logs =
        [
            .. pods.Select(pod => new AgentLog(cluster, pod, skipped, terminal).ReadAsync(since, cancellation)),
        ];
        await foreach (RecordedCall call in CallOrder.MergeAsync(logs, cancellation).ConfigureAwait(false))
        {
            yield return call;
        }
    }

    /// <summary>
    /// What the logs get from now on, and before that what they hold since a time.
    /// </summary>
    public async IAsyncEnumerable<RecordedCall> FollowAsync(
        DateTimeOffset? since,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var calls = new CallQueue();
        Task followers = FollowAllAsync(calls, since, stop.Token);
        try
        {
            await foreach (RecordedCall call in calls.ReadInOrderAsync(stop.Token).ConfigureAwait(false))
            {
                yield return call;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await followers.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Ends the channel with what made an end of it: the reader is told.
    private async Task FollowAllAsync(CallQueue to, DateTimeOffset? since, CancellationToken cancellation)
    {
        var followed = new Dictionary<string, Task>(StringComparer.Ordinal);
        bool first = true;
        try
        {
            while (true)
            {
                foreach (V1Pod pod in await ListAsync(first, cancellation).ConfigureAwait(false))
                {
                    if (HasLog(pod) && !followed.ContainsKey(pod.Metadata.Uid))
                    {
                        // An agent that started meanwhile has nothing in its log that is too old.
                        followed[pod.Metadata.Uid] = new AgentLog(cluster, pod, skipped, terminal).FollowAsync(
                            to,
                            first ? since : null,
                            fromNow: first && since is null,
                            cancellation
                        );
                    }
                }

                if (first && followed.Count == 0)
                {
                    terminal.Say($"{NoAgents()}; waiting for one");
                }

                first = false;
                foreach (Task ended in followed.Values.Where(task => task.IsFaulted))
                {
                    await ended.ConfigureAwait(false);
                }

                await Task.Delay(s_lookAround, cancellation).ConfigureAwait(false);
            }
        }
        catch (Exception end)
        {
            to.Complete(end);
        }
    }

    private async Task<IList<V1Pod>> ListAsync(bool first, CancellationToken cancellation)
    {
        try
        {
            return await cluster.AgentsAsync(tap, node, cancellation).ConfigureAwait(false);
        }
        catch (Exception away)
            when (!first && !cancellation.IsCancellationRequested && ApiErrors.Explain(away) is not null)
        {
            // The logs that are followed say so themselves, if they feel it.
            return [];
        }
    }

    private static bool HasLog(V1Pod pod) =>
        pod.Status?.ContainerStatuses?.Any(container =>
            container.Name == Cluster.AgentContainer
            && (
                container.State?.Running is not null
                || container.State?.Terminated is not null
                || container.RestartCount > 0
            )
        ) == true;

    private string NoAgents() =>
        $"no agent runs in {cluster.Namespace}{(tap is null ? "" : $" for the McpTap {tap}")}"
        + $"{(node is null ? "" : $" on {node}")}: see `ocx check --cluster`";
}
