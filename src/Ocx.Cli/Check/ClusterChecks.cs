using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Ocx.Api;
using Ocx.Cli.Clusters;

namespace Ocx.Cli.Check;

/// <summary>Is this cluster set up, and may this user look?</summary>
internal sealed class ClusterChecks(Cluster cluster)
{
    private const string Operator = "ocx-tap-operator";

    /// <summary>All checks, one after the other; the first that shows there to be no cluster ends them.</summary>
    public async IAsyncEnumerable<Finding> RunAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation
    )
    {
        Finding server = await ServerAsync(cancellation).ConfigureAwait(false);
        yield return server;
        if (server.Level == Level.Fail)
        {
            yield break;
        }

        Finding kinds = await TryAsync("the kinds of ocx.dev", () => KindsAsync(cancellation)).ConfigureAwait(false);
        yield return kinds;
        yield return await TryAsync($"the Deployment {Operator}", () => OperatorAsync(cancellation))
            .ConfigureAwait(false);
        foreach (Finding tap in kinds.Level == Level.Ok ? await TapsAsync(cancellation).ConfigureAwait(false) : [])
        {
            yield return tap;
        }

        yield return await TryAsync(
                "the right to read logs",
                () => RightAsync("get", "log", "ocx observe and ocx top", Level.Fail, cancellation)
            )
            .ConfigureAwait(false);
        yield return await TryAsync(
                "the right to run exec",
                () => RightAsync("create", "exec", "ocx record --node", Level.Warn, cancellation)
            )
            .ConfigureAwait(false);
    }

    private async Task<Finding> ServerAsync(CancellationToken cancellation)
    {
        try
        {
            VersionInfo version = await cluster.Api.Version.GetCodeAsync(cancellation).ConfigureAwait(false);
            return Finding.Ok($"the API server at {cluster.Api.BaseUri.Authority} is Kubernetes {version.GitVersion}");
        }
        catch (Exception failure) when (ApiErrors.Explain(failure) is { } said)
        {
            return Finding.Fail(
                said,
                "see that the kubeconfig's context is the right one: kubectl config current-context"
            );
        }
    }

    private async Task<Finding> KindsAsync(CancellationToken cancellation)
    {
        IReadOnlyList<string> kinds = await cluster.KindsAsync(cancellation).ConfigureAwait(false);
        string[] missing =
        [
            .. ((string[])[V1Alpha1McpTap.KubePluralName, V1Alpha1McpTapReport.KubePluralName]).Except(kinds),
        ];
        return missing.Length == 0
            ? Finding.Ok($"{OcxApi.GroupVersion} is served: McpTap and McpTapReport")
            : Finding.Fail(
                $"not installed: {string.Join(", ", missing.Select(kind => $"{kind}.{OcxApi.Group}"))}",
                "install the chart, or apply deploy/crds"
            );
    }

    private async Task<Finding> OperatorAsync(CancellationToken cancellation)
    {
        try
        {
            V1Deployment found = await cluster
                .Api.AppsV1.ReadNamespacedDeploymentAsync(Operator, cluster.Namespace, cancellationToken: cancellation)
                .ConfigureAwait(false);
            int available = found.Status?.AvailableReplicas ?? 0;
            return available > 0
                ? Finding.Ok($"the operator is available: {available} of {found.Spec.Replicas} in {cluster.Namespace}")
                : Finding.Fail(
                    $"the operator is not available: 0 of {found.Spec.Replicas} in {cluster.Namespace}",
                    $"see kubectl -n {cluster.Namespace} describe deployment {Operator}"
                );
        }
        catch (HttpOperationException missing) when (missing.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return Finding.Fail(
                $"there is no operator in {cluster.Namespace}",
                "install the chart, or name its namespace: --operator-namespace NAME"
            );
        }
    }

    private async Task<IReadOnlyList<Finding>> TapsAsync(CancellationToken cancellation)
    {
        try
        {
            var unreadable = new List<Finding>();
            IReadOnlyList<ListedTap> taps = await cluster
                .TapsAsync(said => unreadable.Add(Finding.Fail(said, "see kubectl get mcptaps -o yaml")), cancellation)
                .ConfigureAwait(false);
            return taps.Count + unreadable.Count == 0
                ? [Finding.Warn("there is no McpTap", "apply one: docs/getting-started.md")]
                : [.. unreadable, .. taps.Select(listed => Tap(listed.Tap))];
        }
        catch (Exception failure) when (ApiErrors.Explain(failure) is { } said)
        {
            return [Finding.Warn($"McpTaps cannot be listed: {said}", "ask for the right to list mcptaps.ocx.dev")];
        }
    }

    private static Finding Tap(V1Alpha1McpTap tap)
    {
        string name = $"McpTap {tap.Metadata.Name}";
        string look = $"see kubectl describe mcptap {tap.Metadata.Name}";
        TapHealth health = TapHealth.Of(tap);
        string said = $"{health.Reason}: {health.Message}";
        return health.State switch
        {
            TapState.Bad => Finding.Fail($"{name} is not ready: {said}", look),
            TapState.Unknown => Finding.Warn($"{name} has no condition yet", "wait, or see whether the operator runs"),
            _ when TapHealth.IsOld(tap) => Finding.Warn(
                $"the status of {name} speaks of an earlier spec",
                $"wait, or see whether the operator runs, and its events: kubectl describe mcptap {tap.Metadata.Name}"
            ),
            TapState.Impaired => Finding.Warn($"{name} is ready, but {said}", look),
            _ => Finding.Ok(
                health.Reason == "Suspended" ? $"{name} is suspended" : $"{name} is ready: {health.Message}"
            ),
        };
    }

    private async Task<Finding> RightAsync(
        string verb,
        string subresource,
        string command,
        Level otherwise,
        CancellationToken cancellation
    ) =>
        await cluster.MayAsync(verb, "pods", subresource, cancellation).ConfigureAwait(false)
            ? Finding.Ok($"you may {verb} pods/{subresource} in {cluster.Namespace}: {command}")
            : new Finding(
                otherwise,
                $"you may not {verb} pods/{subresource} in {cluster.Namespace}: not {command}",
                "ask for that right; docs/cli.md has the Role"
            );

    private static async Task<Finding> TryAsync(string what, Func<Task<Finding>> check)
    {
        try
        {
            return await check().ConfigureAwait(false);
        }
        catch (Exception failure) when (ApiErrors.Explain(failure) is { } said)
        {
            return Finding.Warn($"{what} could not be looked at: {said}", "ask for the right to read it");
        }
    }
}
