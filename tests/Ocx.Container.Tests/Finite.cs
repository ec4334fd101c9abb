using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Containers;

namespace Ocx.Container.Tests;

/// <summary>Waits for a container that ends by itself.</summary>
internal sealed class Finite : IWaitUntil
{
    public static IWaitForContainerOS Strategy =>
        Wait.ForUnixContainer()
            .AddCustomWaitStrategy(
                new Finite(),
                wait => wait.WithMode(WaitStrategyMode.OneShot).WithTimeout(TimeSpan.FromMinutes(5))
            );

    public Task<bool> UntilAsync(IContainer container) =>
        Task.FromResult(container.State == TestcontainersStates.Exited);
}
