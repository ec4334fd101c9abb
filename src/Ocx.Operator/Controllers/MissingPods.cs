using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Ocx.Kube;
using Ocx.Operator.Options;
using Ocx.Operator.Resources;
using Ocx.Operator.Runtime;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator.Controllers;

/// <summary>
/// Why a DaemonSet has fewer pods than it should: the newest FailedCreate event about it, which is the only place where
/// the cluster says so. It is asked for only while pods are missing, and not often.
/// </summary>
internal sealed class MissingPods(
    Kubernetes kubernetes,
    OperatorOptions options,
    TimeProvider time,
    ILogger<MissingPods> logger
)
{
    // As long as the controller-manager takes to make the pods of many nodes.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(15);

    private readonly Dictionary<string, Missing> _missing = [];

    /// <summary>When to look again at a tap whose pods are missing.</summary>
    public static TimeSpan LookAgain => s_patience;

    /// <summary>The reason that the cluster gives.</summary>
    /// <param name="tap">The tap's name.</param>
    /// <param name="set">Its DaemonSet.</param>
    /// <param name="pods">The pods that it has.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>Null when no pod is missing, or none is known to be refused.</returns>
    public async Task<string?> ReasonAsync(
        string tap,
        V1DaemonSet? set,
        IReadOnlyCollection<AgentPod> pods,
        CancellationToken cancellationToken
    )
    {
        if (set is null || !IsShort(set, pods.Count))
        {
            _missing.Remove(tap);
            return null;
        }

        var now = time.GetTimestamp();
        if (!_missing.TryGetValue(tap, out var missing))
        {
            _missing[tap] = new(now, null, null);
            return null;
        }

        var isDue = missing.AskedAt is { } asked
            ? time.GetElapsedTime(asked, now) >= s_pause
            : time.GetElapsedTime(missing.Since, now) >= s_patience;
        if (!isDue)
        {
            return missing.Reason;
        }

        var reason = await NewestAsync(tap, pods, cancellationToken);
        _missing[tap] = missing with { AskedAt = now, Reason = reason };
        return reason;
    }

    /// <summary>Whether it is not known yet why pods are missing.</summary>
    public bool IsWaiting(string tap) => _missing.TryGetValue(tap, out var missing) && missing.AskedAt is null;

    /// <summary>The tap is gone.</summary>
    public void Forget(string tap) => _missing.Remove(tap);

    // Up to Kubernetes 1.25 the controller-manager writes no status of a DaemonSet whose pods are refused.
    private static bool IsShort(V1DaemonSet set, int pods) =>
        (set.Status?.ObservedGeneration ?? 0) < set.Metadata.Generation || pods < set.Status!.DesiredNumberScheduled;

    private async Task<string?> NewestAsync(
        string tap,
        IReadOnlyCollection<AgentPod> pods,
        CancellationToken cancellationToken
    )
    {
        var about = $"involvedObject.kind=DaemonSet,involvedObject.name={AgentNames.Of(tap)},reason=FailedCreate";
        try
        {
            var events = await kubernetes.CoreV1.ListNamespacedEventAsync(
                options.Namespace,
                fieldSelector: about,
                limit: 500,
                cancellationToken: cancellationToken
            );
            var newest = events.Items?.MaxBy(TimeOf);

            // Since a pod could be made the reason is another: a node that has just joined.
            return newest is null || pods.Any(pod => pod.CreationTimestamp() > TimeOf(newest)) ? null : newest.Message;
        }
        catch (Exception exception)
            when (exception is HttpOperationException or HttpRequestException or JsonException or FormatException)
        {
            logger.EventsNotRead(tap, exception.Shown());
            return null;
        }
    }

    private static DateTime TimeOf(Corev1Event news) =>
        news.Series?.LastObservedTime
        ?? news.LastTimestamp
        ?? news.EventTime
        ?? news.CreationTimestamp()
        ?? DateTime.MinValue;

    private sealed record Missing(long Since, long? AskedAt, string? Reason);
}
