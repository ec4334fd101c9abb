using System.Text.RegularExpressions;

namespace Ocx.Gate.Pods;

/// <summary>
/// The pod of a container as its mounts tell it: the kubelet gives each container the <c>/etc/hosts</c> of its pod.
/// </summary>
internal static partial class PodMounts
{
    /// <summary>The uid of the pod.</summary>
    /// <param name="mounts">The text of <c>/proc/PID/mountinfo</c> (proc(5)).</param>
    /// <returns>Null when the mounts do not tell.</returns>
    public static string? PodOf(string mounts) =>
        Hosts().Match(mounts) is { Success: true } match ? match.Groups["pod"].Value : null;

    // 36 35 8:1 /var/lib/kubelet/pods/0123…/etc-hosts /etc/hosts rw … - ext4 /dev/sda1 rw
    [GeneratedRegex(
        @"^\d+ \d+ \d+:\d+ /[^ ]*?/pods/(?<pod>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/etc-hosts /etc/hosts ",
        RegexOptions.Multiline | RegexOptions.CultureInvariant
    )]
    private static partial Regex Hosts();
}
