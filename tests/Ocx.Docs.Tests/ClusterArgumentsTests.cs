using System.Diagnostics;

namespace Ocx.Docs.Tests;

/// <summary>
/// What hack/cluster starts Kubernetes' programs with, by their version: a program ends at once when it is given a flag
/// that it does not know, and a kubelet that is not told of containerd looks for Docker.
/// </summary>
public class ClusterArgumentsTests
{
    private const string Endpoint = "unix:///run/ocx-cluster/containerd.sock";

    // Since when a flag or a field is there, or is not there any more, as Kubernetes' release notes say.
    private static readonly string[] s_byVersion =
    [
        "--port",
        "--container-runtime",
        "containerRuntimeEndpoint",
        "failCgroupV1",
    ];

    [Theory]
    [InlineData("kube-apiserver", "v1.20.2")]
    [InlineData("kube-apiserver", "v1.36.2")]
    [InlineData("kube-controller-manager", "v1.20.2", "--port=0")]
    [InlineData("kube-controller-manager", "v1.23.17", "--port=0")]
    [InlineData("kube-controller-manager", "v1.24.0")]
    [InlineData("kube-controller-manager", "v1.36.2")]
    [InlineData("kube-scheduler", "v1.20.2", "--port=0")]
    [InlineData("kube-scheduler", "v1.23.17", "--port=0")]
    [InlineData("kube-scheduler", "v1.24.0")]
    [InlineData("kube-scheduler", "v1.36.2")]
    [InlineData("kubelet", "v1.20.2", "--container-runtime=remote", "--container-runtime-endpoint=" + Endpoint)]
    [InlineData("kubelet", "v1.23.17", "--container-runtime=remote", "--container-runtime-endpoint=" + Endpoint)]
    [InlineData("kubelet", "v1.24.0", "--container-runtime-endpoint=" + Endpoint)]
    [InlineData("kubelet", "v1.26.15", "--container-runtime-endpoint=" + Endpoint)]
    [InlineData("kubelet", "v1.27.0")]
    [InlineData("kubelet", "v1.36.2")]
    [InlineData("kubelet.yaml", "v1.20.2")]
    [InlineData("kubelet.yaml", "v1.26.15")]
    [InlineData("kubelet.yaml", "v1.27.0", "containerRuntimeEndpoint: " + Endpoint)]
    [InlineData("kubelet.yaml", "v1.30.14", "containerRuntimeEndpoint: " + Endpoint)]
    [InlineData("kubelet.yaml", "v1.31.0", "containerRuntimeEndpoint: " + Endpoint, "failCgroupV1: false")]
    [InlineData("kubelet.yaml", "v1.36.2", "containerRuntimeEndpoint: " + Endpoint, "failCgroupV1: false")]
    public void A_program_is_given_what_its_version_knows(string program, string version, params string[] byVersion)
    {
        string[] arguments = Arguments(program, version);

        Assert.Equal(byVersion, arguments.Where(IsByVersion));
        Assert.Equal(Arguments(program, "v1.20.0").Where(IsAlways), arguments.Where(IsAlways));
    }

    [Theory]
    [InlineData("kubelet", "latest")]
    [InlineData("kubelet", "")]
    [InlineData("dockershim", "v1.20.2")]
    public void What_is_no_version_or_no_program_of_the_cluster_is_an_error(string program, string version) =>
        Assert.ThrowsAny<InvalidOperationException>(() => Arguments(program, version));

    private static bool IsByVersion(string line) =>
        s_byVersion.Any(start => line.StartsWith(start, StringComparison.Ordinal));

    private static bool IsAlways(string line) => !IsByVersion(line);

    private static string[] Arguments(string program, string version)
    {
        using var script = Process.Start(
            new ProcessStartInfo(Checkout.PathOf("hack", "cluster", "arguments"), [program, version])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        string said = script.StandardOutput.ReadToEnd();
        string error = script.StandardError.ReadToEnd();
        script.WaitForExit();
        return script.ExitCode == 0
            ? said.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            : throw new InvalidOperationException(error);
    }
}
