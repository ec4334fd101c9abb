using k8s;
using k8s.Models;

namespace Ocx.ControlPlane.Tests;

/// <summary>The chart as a release packs it, in a registry, and installed from there by helm alone.</summary>
public sealed class PackagedChartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ocx-packaged-chart-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Two_checkouts_pack_the_same_bytes()
    {
        string other = Path.Combine(_folder, "another", "checkout");
        foreach (string part in new[] { "deploy/helm/ocx-tap", "hack/release", "hack/controlplane" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(other, part))!);
            // Without the times of the files.
            await ControlPlane.RunAsync("cp", "-r", Checkout.PathOf(part), Path.Combine(other, part));
        }

        string[] packed = [await PackAsync(Checkout.Root, "first"), await PackAsync(other, "second")];
        Assert.Equal(
            await File.ReadAllBytesAsync(packed[0], TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(packed[1], TestContext.Current.CancellationToken)
        );
    }

    [Fact]
    public async Task It_is_pushed_to_a_registry_pulled_and_installed_from_there()
    {
        string packed = await PackAsync(Checkout.Root, "chart");
        string version = Path.GetFileNameWithoutExtension(packed)["ocx-tap-".Length..];
        await using var plane = new ControlPlane { WithControllerManager = false };
        await plane.InitializeAsync();
        int port = ControlPlane.FreePort();
        await using ServerProcess registry = await StartRegistryAsync(port);

        await plane.HelmAsync("push", packed, $"oci://127.0.0.1:{port}/charts", "--plain-http");
        string[] chart = [$"oci://127.0.0.1:{port}/charts/ocx-tap", "--version", version, "--plain-http"];
        await plane.HelmAsync(["pull", .. chart, "--destination", _folder]);
        Assert.Equal(
            await File.ReadAllBytesAsync(packed, TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(
                Path.Combine(_folder, Path.GetFileName(packed)),
                TestContext.Current.CancellationToken
            )
        );

        await plane.HelmAsync(["install", "ocx-tap", .. chart, "--namespace", "ocx-system", "--create-namespace"]);
        V1Deployment installed = await plane.Admin.AppsV1.ReadNamespacedDeploymentAsync(
            "ocx-tap-operator",
            "ocx-system",
            cancellationToken: TestContext.Current.CancellationToken
        );
        Assert.EndsWith($":{version}", installed.Spec.Template.Spec.Containers[0].Image, StringComparison.Ordinal);
        Assert.Contains(
            "mcptaps.ocx.dev",
            await plane.KubectlAsync("get", "crd", "--output", "name"),
            StringComparison.Ordinal
        );
    }

    private async Task<string> PackAsync(string checkout, string into)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder, into)).FullName;
        await ControlPlane.RunAsync(
            "env",
            "SOURCE_DATE_EPOCH=1700000000",
            Path.Combine(checkout, "hack/release/chart"),
            folder
        );
        return Assert.Single(Directory.GetFiles(folder));
    }

    // Debian's docker-registry.
    private async Task<ServerProcess> StartRegistryAsync(int port)
    {
        string folder = (await ControlPlane.RunAsync(Checkout.PathOf("hack/unpacked"), "docker-registry")).Trim();
        string configuration = Path.Combine(_folder, "registry.yaml");
        await File.WriteAllTextAsync(
            configuration,
            $$"""
            version: 0.1
            storage: {filesystem: {rootdirectory: "{{_folder}}/registry"} }
            http: {addr: "127.0.0.1:{{port}}"}
            """,
            TestContext.Current.CancellationToken
        );
        var registry = new ServerProcess(Path.Combine(folder, "usr/bin/docker-registry"), ["serve", configuration]);
        using var client = new HttpClient();
        await Eventually.TrueAsync(
            async () =>
                registry.HasExited
                    ? throw new InvalidOperationException("docker-registry ended:\n" + registry.Output)
                    : (await client.GetAsync($"http://127.0.0.1:{port}/v2/")).IsSuccessStatusCode,
            "the registry answers"
        );
        return registry;
    }
}
