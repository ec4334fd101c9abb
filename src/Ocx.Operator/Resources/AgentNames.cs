using k8s.Models;
using Ocx.Api;

namespace Ocx.Operator.Resources;

/// <summary>Names, labels and ownership of what belongs to an McpTap.</summary>
internal static class AgentNames
{
    /// <summary>Selects everything that the operator wrote.</summary>
    public const string ManagedSelector = "app.kubernetes.io/managed-by=ocx-operator";

    /// <summary>Selects the agents' pods.</summary>
    public const string PodSelector = $"app.kubernetes.io/name={AppName}";

    private const string AppName = "ocx-node-agent";

    /// <summary>The name of an McpTap's objects.</summary>
    public static string Of(string tap) => $"ocx-agent-{tap}";

    /// <summary>What the DaemonSet finds its pods by.</summary>
    public static Dictionary<string, string> Selector(string tap) =>
        new() { ["app.kubernetes.io/name"] = AppName, [OcxApi.TapLabel] = tap };

    /// <summary>Metadata of an object that goes when its McpTap goes.</summary>
    public static V1ObjectMeta Metadata(V1Alpha1McpTap tap, string namespaceName) =>
        new()
        {
            Name = Of(tap.Name()),
            NamespaceProperty = namespaceName,
            Labels = new Dictionary<string, string>(Selector(tap.Name()))
            {
                ["app.kubernetes.io/managed-by"] = "ocx-operator",
            },
            OwnerReferences =
            [
                new V1OwnerReference
                {
                    ApiVersion = OcxApi.GroupVersion,
                    Kind = V1Alpha1McpTap.KubeKind,
                    Name = tap.Name(),
                    Uid = tap.Uid(),
                    Controller = true,
                },
            ],
        };
}
