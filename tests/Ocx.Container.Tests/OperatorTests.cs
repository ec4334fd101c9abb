using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;

namespace Ocx.Container.Tests;

/// <summary>The operator's image.</summary>
public sealed class OperatorTests(Engine engine)
{
    [Fact]
    public async Task It_runs_as_a_user_with_no_rights_on_a_read_only_root()
    {
        await using var container = new ContainerBuilder(Images.Operator)
            .WithLabel(Engine.Label, Engine.Run)
            .WithEnvironment("KUBECONFIG", "/kubeconfig")
            .WithBindMount(Path.Combine(AppContext.BaseDirectory, "kubeconfig"), "/kubeconfig", AccessMode.ReadOnly)
            .WithCreateParameterModifier(create =>
            {
                create.HostConfig!.ReadonlyRootfs = true;
                create.HostConfig.CapDrop = ["ALL"];
                create.HostConfig.SecurityOpt = ["no-new-privileges"];
            })
            .WithWaitStrategy(
                Wait.ForUnixContainer()
                    .UntilMessageIsLogged("127.0.0.1:9", wait => wait.WithTimeout(TimeSpan.FromMinutes(2)))
            )
            .Build();
        await container.StartAsync();

        var process = await KernelView.OfAsync(engine.Client, container.Id);
        Assert.Equal("65532 65532 65532 65532", process.Users);
        Assert.Equal(0UL, process.Capabilities);
        Assert.Equal(0UL, process.Bound);
        Assert.True(process.CannotGainPrivileges);
        Assert.True(process.IsFiltered);
    }
}
