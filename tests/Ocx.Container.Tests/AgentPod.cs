using System.Globalization;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using k8s.Models;
using Ocx.Api;
using Ocx.Operator.Options;
using Ocx.Operator.Resources;

namespace Ocx.Container.Tests;

/// <summary>An agent's container as a node's runtime makes it of the pod in the operator's DaemonSet.</summary>
internal static class AgentPod
{
    /// <summary>The pod that the operator asks for.</summary>
    public static V1PodSpec Of(string networkInterface, int port) =>
        AgentDaemonSet
            .Create(
                new V1Alpha1McpTap
                {
                    Metadata = new V1ObjectMeta
                    {
                        Name = "container-tests",
                        Uid = "00000000-0000-0000-0000-000000000000",
                    },
                    Spec = new V1Alpha1McpTapSpec { Interface = networkInterface, Port = port },
                },
                new OperatorOptions { AgentImage = Images.Agent },
                FreePort.Next()
            )
            .Spec.Template.Spec;

    /// <summary>The capabilities that it is given.</summary>
    public static IList<string> Capabilities { get; } = Of("any", 8080).Containers[0].SecurityContext.Capabilities.Add;

    /// <summary>The container, which is ready once the filter is attached.</summary>
    public static IContainer Tapping(V1PodSpec pod, string? networkOf = null) =>
        Builder(pod, networkOf)
            .WithWaitStrategy(
                Wait.ForUnixContainer()
                    .UntilMessageIsLogged("Socket filter attached", wait => wait.WithTimeout(TimeSpan.FromMinutes(2)))
            )
            .Build();

    /// <summary>The container without one of its capabilities, which is to end by itself.</summary>
    public static IContainer Lacking(string capability, V1PodSpec pod) =>
        Builder(pod, networkOf: null)
            .WithWaitStrategy(Finite.Strategy)
            .WithCreateParameterModifier(create => create.HostConfig!.CapAdd!.Remove(capability))
            .Build();

    private static ContainerBuilder Builder(V1PodSpec pod, string? networkOf)
    {
        var agent = pod.Containers[0];
        return new ContainerBuilder(agent.Image)
            .WithLabel(Engine.Label, Engine.Run)
            .WithEnvironment(agent.Env.ToDictionary(variable => variable.Name, Value))
            .WithCreateParameterModifier(create => Secure(create, pod, agent.SecurityContext))
            .WithCreateParameterModifier(create =>
                create.HostConfig!.NetworkMode = networkOf is null ? Network(pod) : $"container:{networkOf}"
            );
    }

    // No API server here: the agent neither reports nor watches pods, and the fields that the kubelet fills in are
    // those of this machine.
    private static string Value(V1EnvVar variable) =>
        variable switch
        {
            { Name: "OCX_REPORT" or "OCX_PODS" } => "false",
            { ValueFrom.FieldRef.FieldPath: "status.hostIP" } => "127.0.0.1",
            { ValueFrom.FieldRef.FieldPath: var path } => path,
            _ => variable.Value ?? string.Empty,
        };

    private static string Network(V1PodSpec pod) => pod.HostNetwork == true ? "host" : "none";

    /// <summary>Gives a container what the pod asks for.</summary>
    public static void Secure(CreateContainerParameters create, V1PodSpec pod, V1SecurityContext context)
    {
        // What the kubelet calls RuntimeDefault is the profile that Docker gives a container which asks for none.
        Assert.Equal("RuntimeDefault", (context.SeccompProfile ?? pod.SecurityContext.SeccompProfile).Type);
        var host = create.HostConfig!;
        host.SecurityOpt = context.AllowPrivilegeEscalation == false ? ["no-new-privileges"] : [];
        host.Privileged = context.Privileged == true;
        host.ReadonlyRootfs = context.ReadOnlyRootFilesystem == true;
        host.CapDrop = [.. context.Capabilities.Drop];
        host.CapAdd = [.. context.Capabilities.Add];
        create.User = context.RunAsUser!.Value.ToString(CultureInfo.InvariantCulture);
    }
}
