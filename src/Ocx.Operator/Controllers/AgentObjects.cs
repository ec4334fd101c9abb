using k8s.Models;
using Ocx.Api;
using Ocx.Kube;
using Ocx.Operator.Options;
using Ocx.Operator.Resources;
using Ocx.Operator.Status;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator.Controllers;

/// <summary>
/// Applies an McpTap's DaemonSet when it differs. What the API server refused is asked for again after a while, which
/// grows: what is wrong may be a quota that somebody raises.
/// </summary>
internal sealed class AgentObjects(
    Informer<V1DaemonSet> daemonSets,
    ResourceClient<V1DaemonSet> client,
    HealthPorts ports,
    AuditedPorts audited,
    RolloutBudget rollouts,
    OperatorOptions options,
    TimeProvider time,
    ILogger<AgentObjects> logger
)
{
    private readonly ExponentialBackoff _backoff = new(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5));
    private readonly Dictionary<string, Refusal> _refused = [];
    private readonly Dictionary<string, AppliedAnswer> _applied = [];

    /// <summary>Applies the DaemonSet.</summary>
    /// <returns>Null, or why there is none as the spec asks.</returns>
    public async Task<TapProblem?> ApplyAsync(V1Alpha1McpTap tap, CancellationToken cancellationToken)
    {
        if (
            _refused.TryGetValue(tap.Name(), out var refused)
            && refused.Version == VersionOf(tap)
            && time.GetElapsedTime(refused.At) < _backoff.Delay(refused.Times)
        )
        {
            return refused.Problem;
        }

        TapProblem problem;
        var isApplied = false;
        try
        {
            await ApplyDifferingAsync(tap, cancellationToken);
            isApplied = true;
            _refused.Remove(tap.Name());
            return null;
        }
        catch (NoHealthPortException exception)
        {
            problem = TapProblem.NoPort(exception.Message);
        }
        catch (ApiException exception) when (exception.IsRefusal)
        {
            problem = TapProblem.Refused(exception.Message);
        }
        finally
        {
            // Ports are few: a tap that gets no agents has none.
            if (!isApplied && daemonSets.Find(AgentNames.Of(tap.Name())) is null)
            {
                ports.GiveBack(tap.Name());
            }
        }

        var times = refused?.Version == VersionOf(tap) ? refused.Times + 1 : 0;
        _refused[tap.Name()] = new(problem, VersionOf(tap), time.GetTimestamp(), times);
        return problem;
    }

    /// <summary>The tap is gone.</summary>
    public void Forget(string tap)
    {
        ports.Free(tap);
        rollouts.Forget(tap);
        _refused.Remove(tap);
        _applied.Remove(tap);
    }

    private async Task ApplyDifferingAsync(V1Alpha1McpTap tap, CancellationToken cancellationToken)
    {
        var present = daemonSets
            .All.Select(set => (Tap: set.GetLabel(OcxApi.TapLabel), Port: AgentDaemonSet.HealthPortOf(set)))
            .Where(pair => pair is { Tap: not null, Port: not null })
            .Select(pair => (pair.Tap, pair.Port!.Value));
        var port = ports.Of(tap.Name(), tap.Uid(), present);

        var wanted = Drift.Stamp(AgentDaemonSet.Create(tap, options, port, rollouts.Of(tap.Name(), audited.Of(tap))));
        var actual = daemonSets.Find(wanted.Name());
        if (!Drift.Differs(actual, wanted) || _applied.GetValueOrDefault(tap.Name()).IsStill(actual, wanted))
        {
            return;
        }

        var answer = await client.ApplyAsync(wanted, cancellationToken);
        _applied[tap.Name()] = AppliedAnswer.Of(wanted, answer);
        logger.Applied(wanted.Kind, wanted.Name());
    }

    private static string VersionOf(V1Alpha1McpTap tap) => $"{tap.Uid()}/{tap.Metadata.Generation}";

    private sealed record Refusal(TapProblem Problem, string Version, long At, int Times);
}
