using System.Text.RegularExpressions;

namespace Ocx.NodeAgent.Attribution;

/// <summary>The pod and the container that a process runs in, as its control group is named by the kubelet and the container runtime.</summary>
/// <param name="PodUid">The pod's uid.</param>
/// <param name="ContainerId">The runtime's id of the container.</param>
internal readonly partial record struct ContainerCgroup(string PodUid, string ContainerId)
{
    /// <summary>Reads <c>/proc/PID/cgroup</c>; null for a process outside of any pod.</summary>
    public static ContainerCgroup? Parse(string text)
    {
        // The outermost: what is below a container's own group is named by whoever is in it.
        Match match = Pattern().Match(text);
        return match.Success ? new ContainerCgroup(match.Groups["pod"].Value.Replace('_', '-'), match.Groups["container"].Value) : null;
    }

    // cgroupfs: kubepods/burstable/pod0123…/4567…; systemd: kubepods-burstable-pod0123….slice/cri-containerd-4567….scope.
    [GeneratedRegex(
        @"pod(?<pod>[0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})(?:\.slice)?/(?:[a-z-]+-)?(?<container>[0-9a-f]{64})(?:\.scope)?(?:/|$)",
        RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
