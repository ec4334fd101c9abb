using System.Diagnostics;
using System.Globalization;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Containers;
using k8s.Models;
using Ocx.Operator.Options;
using Ocx.Operator.Resources;

namespace Ocx.Container.Tests;

/// <summary>The gate's image with exactly what the operator's DaemonSet gives it.</summary>
public sealed class GateTests(Engine engine)
{
    // include/uapi/linux/capability.h: NET_ADMIN, NET_RAW, SYS_PTRACE, SYS_ADMIN
    private const ulong Needed = (1UL << 12) | (1UL << 13) | (1UL << 19) | (1UL << 21);

    private const string Lock = "/run/xtables.lock";

    private static readonly V1PodSpec s_pod = GateDaemonSet
        .Removing(new GateSettings { Image = Images.Gate, HttpPort = FreePort.Next() }, "ocx-system")
        .Spec.Template.Spec;

    public static TheoryData<string> Capabilities => new(s_pod.Containers[0].SecurityContext.Capabilities.Add);

    [Fact]
    public async Task It_takes_rules_away_in_another_containers_network_with_the_listed_capabilities_and_no_more()
    {
        await using var server = await McpServer.StartAsync(FreePort.Next());
        long pid = (await engine.Client.Containers.InspectContainerAsync(server.Id)).State!.Pid;
        string network = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/net");
        foreach ((string hook, string chain) in new[] { ("INPUT", "OCX-GATE-IN"), ("OUTPUT", "OCX-GATE-OUT") })
        {
            await InAsync(network, "-N", chain);
            await InAsync(network, "-A", chain, "-p", "tcp", "--dport", "1", "-j", "NFQUEUE", "--queue-num", "20480");
            await InAsync(network, "-I", hook, "-j", chain);
        }

        await using IContainer gate = Builder()
            .WithWaitStrategy(
                Wait.ForUnixContainer()
                    .UntilMessageIsLogged(
                        "Rules that a gate had left",
                        wait => wait.WithTimeout(TimeSpan.FromMinutes(2))
                    )
            )
            .Build();
        await gate.StartAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain("OCX-GATE", await InAsync(network, "-S"), StringComparison.Ordinal);

        var process = await KernelView.OfAsync(engine.Client, gate.Id);
        Assert.Equal(Needed, process.Capabilities);
        Assert.Equal(Needed, process.Bound);
        Assert.True(process.CannotGainPrivileges);
        Assert.True(process.IsFiltered);
        Assert.True((await engine.Client.Containers.InspectContainerAsync(gate.Id)).HostConfig!.ReadonlyRootfs);
        await gate.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, await gate.GetExitCodeAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [MemberData(nameof(Capabilities))]
    public async Task Without_one_of_them_it_ends_with_2_and_one_line_that_names_it(string capability)
    {
        await using IContainer gate = Builder()
            .WithWaitStrategy(Finite.Strategy)
            .WithCreateParameterModifier(create => create.HostConfig!.CapAdd!.Remove(capability))
            .Build();
        string error = await RefusedAsync(gate);
        Assert.Equal(
            $"ocx-gate: missing CAP_{capability}: run as root, or add it to the container's capabilities",
            error
        );
    }

    [Fact]
    public async Task Without_the_machines_process_ids_it_ends_with_2_and_one_line_that_says_so()
    {
        await using IContainer gate = Builder()
            .WithWaitStrategy(Finite.Strategy)
            .WithCreateParameterModifier(create => create.HostConfig!.PidMode = string.Empty)
            .Build();
        string error = await RefusedAsync(gate);
        Assert.Equal(
            "ocx-gate: this container has process ids of its own: give it the machine's (hostPID: true, --pid=host)",
            error
        );
    }

    [Fact]
    public async Task With_exactly_these_it_holds_a_call_in_another_containers_network_and_refuses_it()
    {
        int port = FreePort.Next();
        await using var server = await McpServer.StartAsync(port);
        await using IContainer gate = (await HoldingAsync(server, port))
            .WithWaitStrategy(
                Wait.ForUnixContainer()
                    .UntilMessageIsLogged("Holding calls to ports", wait => wait.WithTimeout(TimeSpan.FromMinutes(2)))
            )
            .Build();
        await gate.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Needed, (await KernelView.OfAsync(engine.Client, gate.Id)).Capabilities);

        // There is no auditor: the client is told so, by a packet of the gate's own.
        Assert.StartsWith(
            "echo: error -32090: ",
            await server.CallAsync("echo", """{"text":"hello"}"""),
            StringComparison.Ordinal
        );
        await gate.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, await gate.GetExitCodeAsync(TestContext.Current.CancellationToken));
        Assert.Equal("echo: hello", await server.CallAsync("echo", """{"text":"hello"}"""));
    }

    // It does not look at its capabilities first when it is given a namespace: what refuses is the kernel.
    [Theory]
    [MemberData(nameof(Capabilities))]
    public async Task Without_one_of_them_the_kernel_refuses_and_the_gate_names_it(string capability)
    {
        int port = FreePort.Next();
        await using var server = await McpServer.StartAsync(port);
        await using IContainer gate = (await HoldingAsync(server, port))
            .WithWaitStrategy(Finite.Strategy)
            .WithCreateParameterModifier(create => create.HostConfig!.CapAdd!.Remove(capability))
            .Build();
        string error = await RefusedAsync(gate);
        Assert.Matches(
            $"^ocx-gate: cannot hold packets: could not .*errno 1.*; it takes the capability {capability}\\b",
            error.Split('\n')[^1]
        );
        Assert.Equal("echo: hello", await server.CallAsync("echo", """{"text":"hello"}"""));
    }

    // Those of nf_tables take none.
    [Theory]
    [InlineData(true, 0, "-P INPUT ACCEPT")]
    [InlineData(false, 4, "can't open lock file /run/xtables.lock")]
    public async Task The_programs_of_the_older_tables_take_the_nodes_lock(bool isMounted, long code, string says)
    {
        await using IContainer program = Builder("-w", "1", "-t", "mangle", "-S")
            .WithEntrypoint("iptables-legacy")
            .WithWaitStrategy(Finite.Strategy)
            .WithCreateParameterModifier(create =>
            {
                create.HostConfig!.NetworkMode = "none";
                create.HostConfig.Mounts = isMounted ? create.HostConfig.Mounts : [];
            })
            .Build();
        await program.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal(code, await program.GetExitCodeAsync(TestContext.Current.CancellationToken));
        var (output, error) = await program.GetLogsAsync(
            timestampsEnabled: false,
            ct: TestContext.Current.CancellationToken
        );
        Assert.Contains(says, output + error, StringComparison.Ordinal);
    }

    private async Task<ContainerBuilder> HoldingAsync(McpServer server, int port)
    {
        long pid = (await engine.Client.Containers.InspectContainerAsync(server.Id)).State!.Pid;
        return Builder(
            "--port",
            port.ToString(CultureInfo.InvariantCulture),
            "--netns",
            string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/net"),
            "--auditor",
            "unix:/run/ocx/none.sock"
        );
    }

    private static ContainerBuilder Builder(params string[] command)
    {
        var container = s_pod.Containers[0];
        // The kubelet makes it where it is missing.
        using (File.Open(Lock, FileMode.OpenOrCreate)) { }

        return new ContainerBuilder(container.Image)
            .WithLabel(Engine.Label, Engine.Run)
            .WithCommand(command is [] ? [.. container.Args] : command)
            .WithEnvironment(
                container.Env.ToDictionary(variable => variable.Name, variable => variable.Value ?? "127.0.0.1")
            )
            .WithBindMount(Lock, Lock, AccessMode.ReadWrite)
            .WithCreateParameterModifier(create => AgentPod.Secure(create, s_pod, container.SecurityContext))
            .WithCreateParameterModifier(create =>
            {
                create.HostConfig!.NetworkMode = "host";
                create.HostConfig.PidMode = "host";
            });
    }

    private static async Task<string> InAsync(string network, params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo("nsenter", [$"--net={network}", "iptables", "-t", "mangle", .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        string output = await process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, error);
        return output;
    }

    // What it says when it ends with 2 instead of holding.
    private static async Task<string> RefusedAsync(IContainer gate)
    {
        await gate.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, await gate.GetExitCodeAsync(TestContext.Current.CancellationToken));
        var (_, error) = await gate.GetLogsAsync(timestampsEnabled: false, ct: TestContext.Current.CancellationToken);
        return error.TrimEnd();
    }
}
