using k8s;
using k8s.Models;
using Ocx.Api;
using Ocx.Operator.Resources;
using Ocx.Operator.Runtime;

namespace Ocx.Operator.Controllers;

/// <summary>Applies an McpTap's objects, those that differ.</summary>
internal sealed class AgentObjects(
    Informer<V1ServiceAccount> accounts,
    Informer<V1Role> roles,
    Informer<V1RoleBinding> bindings,
    Informer<V1DaemonSet> daemonSets,
    ResourceClient<V1ServiceAccount> accountClient,
    ResourceClient<V1Role> roleClient,
    ResourceClient<V1RoleBinding> bindingClient,
    ResourceClient<V1DaemonSet> daemonSetClient,
    HealthPorts ports,
    OperatorOptions options,
    ILogger<AgentObjects> logger)
{
    public async Task ApplyAsync(V1Alpha1McpTap tap, CancellationToken cancellationToken)
    {
        var present = daemonSets.All.Select(set => (Tap: set.GetLabel(OcxApi.TapLabel), Port: AgentDaemonSet.HealthPortOf(set)))
            .Where(pair => pair is { Tap: not null, Port: not null }).Select(pair => (pair.Tap, pair.Port!.Value));
        var port = ports.Of(tap.Name(), tap.Uid(), present);

        await ApplyAsync(accounts, accountClient, AgentAccount.ServiceAccount(tap, options), cancellationToken);
        await ApplyAsync(roles, roleClient, AgentAccount.Role(tap, options), cancellationToken);
        await ApplyAsync(bindings, bindingClient, AgentAccount.RoleBinding(tap, options), cancellationToken);
        await ApplyAsync(daemonSets, daemonSetClient, AgentDaemonSet.Create(tap, options, port), cancellationToken);
    }

    private async Task ApplyAsync<T>(Informer<T> informer, ResourceClient<T> client, T wanted, CancellationToken cancellationToken)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        if (Drift.Differs(informer.Find(wanted.Name()), Drift.Stamp(wanted)))
        {
            await client.ApplyAsync(wanted, cancellationToken);
            logger.Applied(wanted.Kind, wanted.Name());
        }
    }
}
