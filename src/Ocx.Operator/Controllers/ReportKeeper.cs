using k8s.Models;
using Ocx.Api;
using Ocx.Kube;
using Ocx.Operator.Status;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator.Controllers;

/// <summary>
/// The operator's part in the reports: it sets their interval, and deletes those of nodes that are gone.
/// </summary>
internal sealed class ReportKeeper(
    Informer<V1Alpha1McpTap> taps,
    Informer<V1Alpha1McpTapReport> reports,
    ResourceClient<V1Alpha1McpTapReport> client,
    ILogger<ReportKeeper> logger
)
{
    // 25 a second, beside the agents' own writes.
    private const int Batch = 25;

    /// <summary>How long to wait between two batches.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Deletes reports whose counts the tap's status holds.</summary>
    public async Task DeleteAsync(
        V1Alpha1McpTap tap,
        IReadOnlyList<V1Alpha1McpTapReport> retired,
        CancellationToken cancellationToken
    )
    {
        foreach (var report in retired)
        {
            await client.DeleteAsync(report.Name(), report.Uid(), cancellationToken);
        }

        if (retired.Count > 0)
        {
            logger.ReportsRetired(tap.Name(), retired.Count);
        }
    }

    /// <summary>
    /// Deletes reports of a tap that is gone, a batch of them at a time. The garbage collector does so too, where a
    /// report names its owner: one that somebody made up need not.
    /// </summary>
    /// <returns>True when more remain.</returns>
    public async Task<bool> DeleteOrphansAsync(string tap, CancellationToken cancellationToken)
    {
        // A tap that cannot be read is not gone.
        if (taps.Exists(tap))
        {
            return false;
        }

        var orphans = reports.All.Where(report => report.Spec?.Tap == tap).Take(Batch + 1).ToList();
        foreach (var report in orphans.Take(Batch))
        {
            await client.DeleteAsync(report.Name(), report.Uid(), cancellationToken);
        }

        return orphans.Count > Batch;
    }

    /// <summary>Tells agents how often to report, a batch of them at a time.</summary>
    /// <returns>True when more remain.</returns>
    public async Task<bool> SetIntervalAsync(
        V1Alpha1McpTap tap,
        TapObservation seen,
        CancellationToken cancellationToken
    )
    {
        var interval = ApiDuration.Format(seen.Interval);

        // An agent that was told nothing waits to be told: it cannot know how many others there are.
        var differing = seen
            .Reports.Where(report => report.Spec.Interval != interval && seen.NodeExists(report.Spec.Node))
            .ToArray();

        // At random, so that reports which the API server refuses to change never keep others from their turn.
        Random.Shared.Shuffle(differing);
        foreach (var report in differing.Take(Batch))
        {
            try
            {
                await client.ApplyAsync(
                    new V1Alpha1McpTapReport
                    {
                        // With the uid, a report that is gone meanwhile is not made anew.
                        Metadata = new V1ObjectMeta
                        {
                            Name = report.Name(),
                            NamespaceProperty = report.Namespace(),
                            Uid = report.Uid(),
                        },
                        Spec = new V1Alpha1McpTapReportSpec
                        {
                            Tap = report.Spec.Tap,
                            Node = report.Spec.Node,
                            Interval = interval,
                        },
                    },
                    cancellationToken
                );
            }
            catch (ApiException exception) when ((int)exception.StatusCode is 403 or 404 or 409 or 422)
            {
                logger.IntervalNotSet(report.Name(), exception.Message);
            }
        }

        return differing.Length > Batch;
    }
}
