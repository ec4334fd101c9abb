using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;

namespace Ocx.Container.Tests;

/// <summary>The auditor's image, with the volumes that the chart gives it.</summary>
public sealed class AuditorTests(Engine engine)
{
    [Fact]
    public async Task It_runs_as_a_user_with_no_rights_on_a_read_only_root_and_its_ledger_is_read_from_within()
    {
        await using var container = new ContainerBuilder(Images.Auditor)
            .WithLabel(Engine.Label, Engine.Run)
            .WithEnvironment("DOTNET_EnableDiagnostics", "0")
            .WithBindMount(Path.Combine(AppContext.BaseDirectory, "audits.yaml"), "/audits.yaml", AccessMode.ReadOnly)
            .WithCommand("--audits", "/audits.yaml", "--http-port", "8080", "--http-address", "0.0.0.0")
            .WithCreateParameterModifier(create =>
            {
                create.HostConfig!.ReadonlyRootfs = true;
                create.HostConfig.CapDrop = ["ALL"];
                create.HostConfig.SecurityOpt = ["no-new-privileges"];
                create.HostConfig.Tmpfs = new Dictionary<string, string>
                {
                    ["/var/lib/ocx"] = "uid=65532,gid=65532,mode=0700",
                    ["/run/ocx"] = "uid=65532,gid=65532,mode=0700",
                };
            })
            .WithWaitStrategy(
                Wait.ForUnixContainer()
                    .AddCustomWaitStrategy(new Listening(8080), wait => wait.WithTimeout(TimeSpan.FromMinutes(2)))
            )
            .Build();
        await container.StartAsync(TestContext.Current.CancellationToken);

        var process = await KernelView.OfAsync(engine.Client, container.Id);
        Assert.Equal("65532 65532 65532 65532", process.Users);
        Assert.Equal(0UL, process.Capabilities);
        Assert.Equal(0UL, process.Bound);
        Assert.True(process.CannotGainPrivileges);
        Assert.True(process.IsFiltered);

        var list = await container.ExecAsync(["ocx", "audit", "list"], TestContext.Current.CancellationToken);
        Assert.True(list.ExitCode == 0, list.Stderr);
        var verify = await container.ExecAsync(["ocx", "audit", "verify"], TestContext.Current.CancellationToken);
        Assert.True(verify.ExitCode == 0, verify.Stderr);
    }
}
