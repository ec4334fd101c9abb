using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;

namespace Ocx.Container.Tests;

/// <summary>What the images hold and what they do not.</summary>
public sealed class ImageTests(Engine engine)
{
    [Theory]
    [InlineData(Engine.AgentImage)]
    [InlineData(Engine.OperatorImage)]
    public async Task There_is_no_shell(string image)
    {
        Assert.NotNull(engine.Server.Id);
        await using var shell = new ContainerBuilder(image).WithEntrypoint("/bin/sh").WithCommand("-c", "true").Build();
        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => shell.StartAsync());
        Assert.Contains("/bin/sh", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Engine.AgentImage, "0")]
    [InlineData(Engine.OperatorImage, "65532:65532")]
    public async Task It_names_its_user_and_where_it_comes_from(string image, string user)
    {
        using var docker = TestcontainersSettings.OS.DockerEndpointAuthConfig.GetDockerClientBuilder().Build();
        var config = (await docker.Images.InspectImageAsync(image)).Config!;
        Assert.Equal(user, config.User);
        Assert.Equal(
            ["description", "licenses", "source", "title", "version"],
            config.Labels!.Keys.Select(label => label.Replace("org.opencontainers.image.", "", StringComparison.Ordinal)).Order());
    }
}
