using System.Globalization;
using System.Text.RegularExpressions;
using k8s.Models;
using Ocx.Operator.Resources;
using Ocx.Operator.Runtime;
using Ocx.Text;

namespace Ocx.Operator.Status;

/// <summary>
/// Why agents do not run, from what the cluster says of their pods: in words that stay the same while the trouble does,
/// and with what to do.
/// </summary>
internal static class AgentTroubles
{
    private const int LongestQuote = 500;

    // A pod whose port or memory another one is about to free is no news.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    // Some waits follow one another, over and over.
    private static readonly string[] s_pulling = ["ErrImagePull", "ImagePullBackOff", "RegistryUnavailable"];
    private static readonly string[] s_starting = ["ContainerCreating", "PodInitializing"];

    /// <summary>The trouble that most agents have; null when none has any.</summary>
    public static TapProblem? Of(TapObservation seen)
    {
        if (seen.CreateFailure is { } failure)
        {
            return Refused(seen, failure);
        }

        var most = seen
            .Pods.Select(pod => (Pod: pod, Trouble: Of(pod, seen)))
            .Where(each => each.Trouble is not null)
            .OrderBy(each => each.Pod.Name(), StringComparer.Ordinal)
            .GroupBy(each => each.Trouble!.Reason)
            .OrderByDescending(group => group.Count())
            .ThenBy(group => group.Key, StringComparer.Ordinal)
            .FirstOrDefault();
        if (most is null)
        {
            return null;
        }

        var (first, trouble) = most.First();
        var where = first.Spec?.NodeName is { } node ? $" on {node}" : string.Empty;
        var agents = most.Count() == 1 ? $"One agent{where}" : $"{most.Count()} agents, one of them{where}";
        return new TapProblem(most.Key, $"{agents}: {trouble!.What} {trouble.Do}");
    }

    private static TapProblem Refused(TapObservation seen, string failure)
    {
        var set = AgentNames.Of(seen.Tap.Name());
        var told = Cut(PodOf(set).Replace(failure, set));
        var advice = told.Contains("PodSecurity", StringComparison.Ordinal)
            ? $"Allow the agents' pods: kubectl label namespace {seen.Namespace} --overwrite "
                + "pod-security.kubernetes.io/enforce=privileged (docs/security.md says why they need it)."
            : $"kubectl -n {seen.Namespace} describe daemonset {set} has the events; mend the quota, policy or "
                + "priority class that they name.";
        return new TapProblem("FailedCreate", $"The cluster refuses the agents' pods: {told}. {advice}");
    }

    private static Trouble? Of(AgentPod pod, TapObservation seen)
    {
        if (pod.DeletionTimestamp() is not null || pod.Status is not { } status)
        {
            return null;
        }

        var describe = $"kubectl -n {seen.Namespace} describe pod {pod.Name()}";
        var container = status.ContainerStatuses?.FirstOrDefault();
        var waiting = container?.State?.Waiting;
        if (status.Phase == "Failed")
        {
            return new(status.Reason ?? "PodFailed", $"its pod failed: {Cut(status.Message)}.", $"See {describe}.");
        }

        if (s_pulling.Contains(waiting?.Reason))
        {
            return new(
                "ImagePullBackOff",
                $"the image {Cut(container!.Image)} cannot be pulled.",
                "See that the registry has it (spec.image, or agent.image of the chart), that the nodes reach the "
                    + $"registry, and that spec.imagePullSecrets has its credentials; {describe} has the answer."
            );
        }

        if (IsEndingAgain(container))
        {
            var end = container!.LastState?.Terminated ?? container.State?.Terminated;
            var code = end is null ? string.Empty : string.Create(CultureInfo.InvariantCulture, $" {end.ExitCode}");
            var reason = end?.Reason is { } word and not "Error" ? $" ({word})" : string.Empty;
            return new(
                "CrashLoopBackOff",
                $"it ends again and again, last with exit code{code}{reason}.",
                $"Its last words: kubectl -n {seen.Namespace} logs {pod.Name()} --previous"
                    + (end?.Reason == "OOMKilled" ? "; raise the memory limit in spec.resources." : ".")
            );
        }

        return waiting?.Reason is { } other && !s_starting.Contains(other)
            ? new(other, $"its container does not start: {Cut(waiting.Message)}.", $"See {describe}.")
            : Unscheduled(pod, seen, describe);
    }

    // Between two ends it runs for a moment.
    private static bool IsEndingAgain(AgentContainer? container) =>
        container is { RestartCount: > 0, Ready: false }
        && (
            container.State?.Waiting?.Reason == "CrashLoopBackOff"
            || container.LastState?.Terminated is { ExitCode: not 0 }
        );

    private static Trouble? Unscheduled(AgentPod pod, TapObservation seen, string describe)
    {
        var condition = pod.Status!.Conditions?.FirstOrDefault(each =>
            each is { Type: "PodScheduled", Status: "False", Reason: "Unschedulable" }
        );
        return condition is not null && seen.Now - pod.CreationTimestamp() > s_patience
            ? new(
                "Unschedulable",
                $"the scheduler finds no place for its pod: {Cut(condition.Message)}.",
                $"Free what it names on that node, or ask for less in spec.resources; {describe} has more."
            )
            : null;
    }

    // So that what to do still fits into a condition's message.
    private static string Cut(string? told) => WireText.Escape(told ?? string.Empty, LongestQuote).TrimEnd('.');

    // A pod that was refused had a name that no other one will have.
    private static Regex PodOf(string set) => new($"{Regex.Escape(set)}-[a-z0-9]*", RegexOptions.NonBacktracking);

    private sealed record Trouble(string Reason, string What, string Do);
}
