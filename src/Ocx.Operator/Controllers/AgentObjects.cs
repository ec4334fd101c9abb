using k8s.Models;
using Ocx.Api;
using Ocx.Operator.Options;
using Ocx.Operator.Resources;
using Ocx.Operator.Runtime;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator.Controllers;

/// <summary>Applies an McpTap's DaemonSet when it differs.</summary>
internal sealed class AgentObjects(
    Informer<V1DaemonSet> daemonSets,
    ResourceClient<V1DaemonSet> client,
    HealthPorts ports,
    OperatorOptions options,
    ILogger<AgentObjects> logger
)
{
    public async Task ApplyAsync(V1Alpha1McpTap tap, CancellationToken cancellationToken)
    {
        var present = daemonSets
            .All.Select(set => (Tap: set.GetLabel(OcxApi.TapLabel), Port: AgentDaemonSet.HealthPortOf(set)))
            .Where(pair => pair is { Tap: not null, Port: not null })
            .Select(pair => (pair.Tap, pair.Port!.Value));
        var port = ports.Of(tap.Name(), tap.Uid(), present);

        var wanted = AgentDaemonSet.Create(tap, options, port);
        if (Drift.Differs(daemonSets.Find(wanted.Name()), Drift.Stamp(wanted)))
        {
            await client.ApplyAsync(wanted, cancellationToken);
            logger.Applied(wanted.Kind, wanted.Name());
        }
    }
}
