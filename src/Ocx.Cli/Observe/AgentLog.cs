using System.Net;
using k8s.Models;
using Ocx.Api;
using Ocx.Cli.Calls;
using Ocx.Cli.Clusters;
using Ocx.Cli.Exits;
using Ocx.Cli.Terminals;
using Ocx.Mcp.Records;

namespace Ocx.Cli.Observe;

/// <summary>The calls in the log of one agent's pod.</summary>
internal sealed class AgentLog(Cluster cluster, V1Pod pod, SkippedLines skipped, Terminal terminal)
{
    // Taken up again, a log is read from a little before the last call: its line was written after the call's end, by
    // the same clock.
    private static readonly TimeSpan s_overlap = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_shortestWait = TimeSpan.FromMilliseconds(200),
        s_longestWait = TimeSpan.FromSeconds(5);

    private const int RememberedLines = 32_768;

    private readonly string _tap =
        pod.Metadata.Labels?.TryGetValue(OcxApi.TapLabel, out string? tap) == true ? tap : string.Empty;
    private readonly string _node = pod.Spec?.NodeName ?? string.Empty;

    /// <summary>What the log holds now.</summary>
    public async IAsyncEnumerable<RecordedCall> ReadAsync(
        DateTimeOffset? since,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation
    )
    {
        using Stream log = await cluster
            .LogAsync(pod.Metadata.Name, follow: false, since, fromNow: false, cancellation)
            .ConfigureAwait(false);
        await foreach (RecordedCall call in CallLog.ReadAsync(log, skipped, cancellation).ConfigureAwait(false))
        {
            yield return Seen(call);
        }
    }

    /// <summary>Follows the log until the pod is gone. A stream that breaks is taken up where it broke.</summary>
    public async Task FollowAsync(CallQueue to, DateTimeOffset? since, bool fromNow, CancellationToken cancellation)
    {
        var known = new RecentLines(RememberedLines);
        DateTimeOffset begun = DateTimeOffset.UtcNow;
        DateTimeOffset newest = DateTimeOffset.MinValue;
        TimeSpan wait = s_shortestWait;
        while (true)
        {
            try
            {
                using Stream log = await cluster
                    .LogAsync(pod.Metadata.Name, follow: true, since, fromNow, cancellation)
                    .ConfigureAwait(false);
                await foreach (
                    ReadOnlyMemory<byte> line in CallLog
                        .ReadLinesAsync(log, skipped, cancellation)
                        .ConfigureAwait(false)
                )
                {
                    if (CallLog.Read(line, skipped) is { } call && known.Add(line.Span))
                    {
                        // A line that says it is of tomorrow must not hide what the log gets until then.
                        DateTimeOffset ended =
                            call.EndTime < DateTimeOffset.UtcNow ? call.EndTime : DateTimeOffset.UtcNow;
                        newest = ended > newest ? ended : newest;
                        wait = s_shortestWait;
                        await to.WriteAsync(Seen(call), cancellation).ConfigureAwait(false);
                    }
                }
            }
            catch (HttpRequestException gone) when (gone.StatusCode == HttpStatusCode.NotFound)
            {
                return;
            }
            catch (HttpRequestException refused)
                when (refused.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized)
            {
                throw CliException.Failed(
                    $"{refused.Message} (docs/cli.md has the Role that ocx observe needs)",
                    refused
                );
            }
            catch (Exception broken)
                when (!cancellation.IsCancellationRequested
                    && (broken is IOException || ApiErrors.Explain(broken) is not null)
                )
            {
                terminal.Say(
                    $"the log of {pod.Metadata.Name} broke off and is taken up again: "
                        + (ApiErrors.Explain(broken) ?? broken.Message)
                );
            }

            if (newest > DateTimeOffset.MinValue)
            {
                since = newest - s_overlap;
            }
            else if (fromNow)
            {
                since = begun - s_overlap;
            }

            fromNow = false;
            await Task.Delay(wait, cancellation).ConfigureAwait(false);
            wait = wait * 2 < s_longestWait ? wait * 2 : s_longestWait;
        }
    }

    // Who saw it is what the pod says, whatever the line does.
    private RecordedCall Seen(RecordedCall call) => call with { Tap = _tap, Node = _node };
}
