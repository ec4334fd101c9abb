using Ocx.NodeProgram;
using Xunit;

namespace Ocx.NodeAgent.Tests;

public class ContainerCgroupTests
{
    private const string Pod = "6f1c1a52-9b2e-4c0e-8a7d-2f6d1b0c9e11";
    private const string Container = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData(
        "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podUID_.slice/cri-containerd-CONTAINER.scope\n"
    )]
    [InlineData("0::/kubepods.slice/kubepods-podUID_.slice/crio-CONTAINER.scope/container\n")]
    [InlineData("0::/kubepods/besteffort/podUID/CONTAINER\n")]
    [InlineData("12:cpu,cpuacct:/kubepods/podUID/CONTAINER\n1:name=systemd:/kubepods/podUID/CONTAINER\n")]
    [InlineData("0::/../../kubepods-besteffort-podUID_.slice/cri-containerd-CONTAINER.scope\n")]
    [InlineData(
        "0::/docker/ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff/kubelet/kubepods/"
            + "besteffort/podUID/CONTAINER\n"
    )]
    [InlineData(
        "0::/kubepods/podUID/CONTAINER/pod00000000-0000-0000-0000-000000000000/"
            + "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\n"
    )]
    public void A_process_in_a_pod_tells_its_pod_and_its_container(string cgroup) =>
        Assert.Equal(
            new ContainerCgroup(Pod, Container),
            ContainerCgroup.Parse(
                cgroup
                    .Replace("UID_", Pod.Replace('-', '_'), StringComparison.Ordinal)
                    .Replace("UID", Pod, StringComparison.Ordinal)
                    .Replace("CONTAINER", Container, StringComparison.Ordinal)
            )
        );

    [Theory]
    [InlineData("0::/docker/CONTAINER\n")]
    [InlineData("0::/system.slice/docker-CONTAINER.scope\n")]
    [InlineData(
        "0::/kubepods/burstable/pod3f1e0bd5c8a94bb0a5d1cf0a2c3f4e5d/CONTAINER/"
            + "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\n"
    )]
    public void A_process_whose_group_names_no_pod_tells_its_container(string cgroup) =>
        Assert.Equal(
            new ContainerCgroup("", Container),
            ContainerCgroup.Parse(cgroup.Replace("CONTAINER", Container, StringComparison.Ordinal))
        );

    [Theory]
    [InlineData("0::/system.slice/sshd.service\n")]
    [InlineData("0::/user.slice/user-0.slice/session-1.scope\n")]
    [InlineData("0::/\n")]
    [InlineData("")]
    public void A_process_of_the_machine_is_in_no_container(string cgroup) =>
        Assert.Null(ContainerCgroup.Parse(cgroup));
}
