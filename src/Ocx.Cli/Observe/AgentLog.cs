using System.Net;
using System.Threading.Channels;
using k8s.Models;
using Ocx.Api;
using Ocx.Cli.Calls;
using Ocx.Cli.Clusters;
using Ocx.Cli.Terminals;

namespace Ocx.Cli.Observe;

/// <summary>The calls in the log of one agent's pod.</summary>
internal sealed class AgentLog(Cluster cluster, V1Pod pod, Terminal terminal)
{
    // Taken up again, a log is read from a little before the last call: its line was written after the call's end, by the same clock.
    private static readonly TimeSpan s_overlap = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_shortestWait = TimeSpan.FromMilliseconds(200), s_longestWait = TimeSpan.FromSeconds(5);

    private const int RememberedLines = 32_768;

    private readonly string _tap = pod.Metadata.Labels?.TryGetValue(OcxApi.TapLabel, out string? tap) == true ? tap : string.Empty;
    private readonly string _node = pod.Spec?.NodeName ?? string.Empty;

    /// <summary>What the log holds now.</summary>
    public async IAsyncEnumerable<Call> ReadAsync(
        DateTimeOffset? since, int? tail, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        using Stream log = await cluster.LogAsync(pod.Metadata.Name, follow: false, since, tail, cancellation).ConfigureAwait(false);
        await foreach (Call call in CallLog.ReadAsync(log, _tap, _node, cancellation).ConfigureAwait(false))
        {
            yield return call;
        }
    }

    /// <summary>Follows the log until the pod is gone. A stream that breaks is taken up where it broke.</summary>
    public async Task FollowAsync(ChannelWriter<Call> to, DateTimeOffset? since, int? tail, CancellationToken cancellation)
    {
        var known = new RecentLines(RememberedLines);
        DateTimeOffset begun = DateTimeOffset.UtcNow;
        DateTimeOffset newest = DateTimeOffset.MinValue;
        TimeSpan wait = s_shortestWait;
        while (true)
        {
            try
            {
                using Stream log = await cluster.LogAsync(pod.Metadata.Name, follow: true, since, tail, cancellation).ConfigureAwait(false);
                await foreach (ReadOnlyMemory<byte> line in CallLog.ReadLinesAsync(log, cancellation).ConfigureAwait(false))
                {
                    if (Call.TryParse(line, _tap, _node) is { } call && known.Add(line.Span))
                    {
                        newest = call.EndTime > newest ? call.EndTime : newest;
                        wait = s_shortestWait;
                        await to.WriteAsync(call, cancellation).ConfigureAwait(false);
                    }
                }
            }
            catch (HttpRequestException gone) when (gone.StatusCode == HttpStatusCode.NotFound)
            {
                return;
            }
            catch (HttpRequestException refused) when (refused.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized)
            {
                throw CliException.Failed($"{refused.Message} (docs/cli.md has the Role that ocx observe needs)", refused);
            }
            catch (Exception broken) when (!cancellation.IsCancellationRequested && (broken is IOException || Cluster.Explain(broken) is not null))
            {
                terminal.Say($"the log of {pod.Metadata.Name} broke off and is taken up again: {Cluster.Explain(broken) ?? broken.Message}");
            }

            if (newest > DateTimeOffset.MinValue)
            {
                since = newest - s_overlap;
            }
            else if (tail is not null)
            {
                since = begun - s_overlap;
            }

            tail = null;
            await Task.Delay(wait, cancellation).ConfigureAwait(false);
            wait = wait * 2 < s_longestWait ? wait * 2 : s_longestWait;
        }
    }
}
