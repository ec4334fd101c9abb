using System.Text.RegularExpressions;

namespace Ocx.NodeProgram;

/// <summary>
/// The pod and the container that a process runs in, as its control group is named by the kubelet and the container
/// runtime.
/// </summary>
/// <param name="PodUid">
/// The pod's uid; empty where the name does not tell it, as with static pods, which have a uid of the kubelet's own
/// there.
/// </param>
/// <param name="ContainerId">The runtime's id of the container.</param>
public readonly partial record struct ContainerCgroup(string PodUid, string ContainerId)
{
    /// <summary>Reads <c>/proc/PID/cgroup</c>; null for a process outside of any container.</summary>
    public static ContainerCgroup? Parse(string text)
    {
        // The outermost of a pod: what is below a container's own group is named by whoever is in it, what is above it
        // may be a node's own container.
        Match match = OfPod().Match(text);
        match = match.Success ? match : OfContainer().Match(text);
        return match.Success
            ? new ContainerCgroup(match.Groups["pod"].Value.Replace('_', '-'), match.Groups["container"].Value)
            : null;
    }

    // cgroupfs: kubepods/burstable/pod0123…/4567…; systemd:
    // kubepods-burstable-pod0123….slice/cri-containerd-4567….scope.
    [GeneratedRegex(
        @"pod(?<pod>[0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})(?:\.slice)?/"
            + @"(?:[a-z-]+-)?(?<container>[0-9a-f]{64})(?:\.scope)?(?:/|$)",
        RegexOptions.Multiline | RegexOptions.CultureInvariant
    )]
    private static partial Regex OfPod();

    // docker/4567…; kubepods/pod<the hash of a static pod's file>/4567….
    [GeneratedRegex(
        @"/(?:[a-z-]+-)?(?<container>[0-9a-f]{64})(?:\.scope)?(?:/|$)",
        RegexOptions.Multiline | RegexOptions.CultureInvariant
    )]
    private static partial Regex OfContainer();
}
