using System.Text;
using DotNet.Testcontainers.Builders;

namespace Ocx.Container.Tests;

/// <summary>The operator's image.</summary>
public sealed class OperatorTests(Engine engine)
{
    // Nothing listens there: the operator keeps trying.
    private const string Kubeconfig = """
        apiVersion: v1
        kind: Config
        current-context: none
        contexts: [{name: none, context: {cluster: none, user: none}}]
        clusters: [{name: none, cluster: {server: "http://127.0.0.1:9"}}]
        users: [{name: none, user: {}}]
        """;

    [Fact]
    public async Task It_runs_as_a_user_with_no_rights_on_a_read_only_root()
    {
        await using var container = new ContainerBuilder(Images.Operator)
            .WithLabel(Engine.Label, Engine.Run)
            .WithEnvironment("KUBECONFIG", "/etc/kubeconfig")
            .WithResourceMapping(Encoding.UTF8.GetBytes(Kubeconfig), "/etc/kubeconfig")
            .WithCreateParameterModifier(create =>
            {
                create.HostConfig.CapDrop = ["ALL"];
                create.HostConfig.SecurityOpt = ["no-new-privileges"];
            })
            .WithWaitStrategy(Wait.ForUnixContainer().UntilMessageIsLogged("127.0.0.1:9", wait => wait.WithTimeout(TimeSpan.FromSeconds(30))))
            .Build();
        await container.StartAsync();

        var process = await KernelView.OfAsync(engine.Client, container.Id);
        Assert.Equal("65532 65532 65532 65532", process.Users);
        Assert.Equal(0UL, process.Capabilities);
        Assert.Equal(0UL, process.Bound);
    }
}
