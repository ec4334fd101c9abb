using Ocx.Gate.Pods;

namespace Ocx.Gate.Tests.Pods;

public class PodMountsTests
{
    private const string Uid = "0b9d7d0e-2c5a-4f0e-8f51-3f6f6a1d2c11";

    [Theory]
    [InlineData($"9 8 8:1 /var/lib/kubelet/pods/{Uid}/etc-hosts /etc/hosts rw,relatime - ext4 /dev/sda1 rw", Uid)]
    [InlineData($"1 2 0:3 / / rw - overlay o rw\n9 8 8:1 /kubelet/pods/{Uid}/etc-hosts /etc/hosts rw - ext4 s rw", Uid)]
    // What a container mounts of another pod's folder, somewhere else, is not its own.
    [InlineData($"9 8 8:1 /var/lib/kubelet/pods/{Uid}/volumes/x /data rw - ext4 /dev/sda1 rw", null)]
    [InlineData($"9 8 8:1 /var/lib/kubelet/pods/{Uid}/etc-hosts /data/etc-hosts rw - ext4 /dev/sda1 rw", null)]
    [InlineData("9 8 8:1 /docker/containers/1/hosts /etc/hosts rw - ext4 /dev/sda1 rw", null)]
    [InlineData("", null)]
    public void The_hosts_file_tells_the_pod(string mounts, string? uid) => Assert.Equal(uid, PodMounts.PodOf(mounts));
}
