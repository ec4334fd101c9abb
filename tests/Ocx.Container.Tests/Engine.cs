using Docker.DotNet;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Configurations;

namespace Ocx.Container.Tests;

/// <summary>
/// The Docker engine, at DOCKER_HOST or where Docker's clients look otherwise. It has the images of <c>make images</c>.
/// </summary>
public sealed class Engine : IAsyncLifetime
{
    /// <summary>Names this run's containers and networks.</summary>
    public const string Label = "dev.ocx.container-tests";

    static Engine()
    {
        // The reaper is an image of someone else's, which not every machine can pull. That nothing stays is asserted at
        // the end.
        TestcontainersSettings.ResourceReaperEnabled = false;
    }

    public static string Run { get; } = Guid.NewGuid().ToString("n");

    internal DockerClient Client { get; } =
        TestcontainersSettings.OS.DockerEndpointAuthConfig.GetDockerClientBuilder(Guid.NewGuid()).Build();

    public async ValueTask InitializeAsync() => await Client.System.PingAsync();

    public async ValueTask DisposeAsync()
    {
        var filters = new Dictionary<string, IDictionary<string, bool>>
        {
            ["label"] = new Dictionary<string, bool> { [$"{Label}={Run}"] = true },
        };
        var containers = await Client.Containers.ListContainersAsync(
            new ContainersListParameters { All = true, Filters = filters }
        );
        var networks = await Client.Networks.ListNetworksAsync(new NetworksListParameters { Filters = filters });
        Client.Dispose();
        Assert.Empty(
            containers.Select(container => container.Names[0]).Concat(networks.Select(network => network.Name))
        );
    }
}
