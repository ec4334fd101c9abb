using k8s.Models;
using Ocx.Api;

namespace Ocx.Operator.Resources;

/// <summary>The account of an McpTap's agents: they may read and write reports, and nothing else.</summary>
internal static class AgentAccount
{
    public static V1ServiceAccount ServiceAccount(V1Alpha1McpTap tap, OperatorOptions options) => new()
    {
        ApiVersion = "v1",
        Kind = "ServiceAccount",
        Metadata = AgentNames.Metadata(tap, options.Namespace),
    };

    public static V1Role Role(V1Alpha1McpTap tap, OperatorOptions options) => new()
    {
        ApiVersion = "rbac.authorization.k8s.io/v1",
        Kind = "Role",
        Metadata = AgentNames.Metadata(tap, options.Namespace),
        Rules =
        [
            new V1PolicyRule
            {
                ApiGroups = [OcxApi.Group],
                Resources = [V1Alpha1McpTapReport.KubePluralName],
                Verbs = ["get", "create", "patch"],
            },
        ],
    };

    public static V1RoleBinding RoleBinding(V1Alpha1McpTap tap, OperatorOptions options) => new()
    {
        ApiVersion = "rbac.authorization.k8s.io/v1",
        Kind = "RoleBinding",
        Metadata = AgentNames.Metadata(tap, options.Namespace),
        RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "Role", Name = AgentNames.Of(tap.Metadata.Name) },
        Subjects =
        [
            new Rbacv1Subject { Kind = "ServiceAccount", Name = AgentNames.Of(tap.Metadata.Name), NamespaceProperty = options.Namespace },
        ],
    };
}
