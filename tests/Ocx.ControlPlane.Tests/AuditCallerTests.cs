using System.Net;
using Grpc.Core;
using k8s;
using k8s.Models;
using Ocx.Api;

namespace Ocx.ControlPlane.Tests;

/// <summary>Agents alone may tell of calls, each of its own node's, and nobody else reaches anything.</summary>
public sealed class AuditCallerTests(Cluster cluster)
{
    private const string Mine = "audit-a",
        Theirs = "audit-b";

    [Fact]
    public async Task Whoever_is_no_agent_is_not_let_in()
    {
        await using var scene = await AuditScene.StartAsync(cluster, Mine, Theirs);
        await using var auditor = await AuditorProcess.StartAsync(scene.KubeConfig);
        string good = await scene.AgentTokenAsync(Mine);

        await RefusedAsync(null, StatusCode.Unauthenticated, "no bearer token");
        await RefusedAsync("garbage", StatusCode.Unauthenticated, OcxApi.AuditorAudience);
        await RefusedAsync("a.b.c", StatusCode.Unauthenticated, OcxApi.AuditorAudience);
        await RefusedAsync(good[..^4] + "AAAA", StatusCode.Unauthenticated, OcxApi.AuditorAudience);
        await RefusedAsync(
            await cluster.PodTokenAsync(Cluster.AgentAccount, Mine),
            StatusCode.Unauthenticated,
            OcxApi.AuditorAudience
        );
        await RefusedAsync(
            await cluster.PodTokenAsync("default", Mine, OcxApi.AuditorAudience),
            StatusCode.PermissionDenied,
            "system:serviceaccount:ocx-system:default"
        );
        await RefusedAsync(
            await cluster.TokenAsync(Cluster.AgentAccount, OcxApi.AuditorAudience),
            StatusCode.PermissionDenied,
            "not bound to a pod"
        );
        string theirs = await scene.AgentTokenAsync(Theirs);
        using (await AuditAgent.OpenInTimeAsync(auditor, theirs, Theirs)) { } // its pod is known
        await RefusedAsync(theirs, StatusCode.PermissionDenied, Theirs);

        // The token of a pod that is gone.
        string gone = await scene.AgentTokenAsync(Mine);
        await cluster.Admin.CoreV1.DeleteCollectionNamespacedPodAsync(
            Cluster.Namespace,
            gracePeriodSeconds: 0,
            cancellationToken: TestContext.Current.CancellationToken
        );
        await Eventually.TrueAsync(async () => (
                    await cluster.Admin.AuthenticationV1.CreateTokenReviewAsync(
                        new V1TokenReview
                        {
                            Spec = new V1TokenReviewSpec { Token = gone, Audiences = [OcxApi.AuditorAudience] },
                        }
                    )
                ).Status.Authenticated != true, "the API server knows that the pod is gone");
        await RefusedAsync(gone, StatusCode.Unauthenticated, OcxApi.AuditorAudience);

        using var agent = await AuditAgent.OpenInTimeAsync(auditor, await scene.AgentTokenAsync(Mine), Mine);

        async Task RefusedAsync(string? token, StatusCode code, string why)
        {
            var status = await AuditAgent.RefusedAsync(auditor.Connect(), token, Mine);
            Assert.Equal(code, status.StatusCode);
            Assert.Contains(why, status.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_agent_speaks_for_its_own_node_alone()
    {
        await using var scene = await AuditScene.StartAsync(cluster, Mine, Theirs);
        await scene.PodAsync("rows-1", Mine, "10.9.0.1");
        await scene.PodAsync("rows-2", Theirs, "10.9.0.2");
        await scene.ApplyAsync(AuditScene.Shop, "rows", AuditScene.Refusing("false"));
        await using var auditor = await AuditorProcess.StartAsync(scene.KubeConfig);
        string instance = AuditAgent.NewInstance();
        using var mine = await AuditAgent.OpenInTimeAsync(auditor, await scene.AgentTokenAsync(Mine), Mine, instance);
        string token = await scene.AgentTokenAsync(Theirs);
        using var theirs = await AuditAgent.OpenInTimeAsync(auditor, token, Theirs);

        string told = await theirs.CallAsync("10.9.0.1:8080", "read");
        Assert.Null(await auditor.RecordAsync(told));
        Assert.Equal(1, await auditor.MetricAsync("ocx_auditor_calls_of_other_nodes_total"));
        Assert.NotNull(await auditor.RecordAsync(await mine.CallAsync("10.9.0.1:8080", "read")));

        // If it uses that agent's keys for calls to a pod of its own, that agent's calls have records all the same.
        using var thief = await AuditAgent.OpenInTimeAsync(auditor, token, Theirs, instance);
        await thief.CallAsync("10.9.0.2:8080", "read");
        await thief.CallAsync("10.9.0.2:8080", "read");
        await mine.CallAsync("10.9.0.1:8080", "read");
        var servers = (await auditor.RecordsAsync()).Select(record => (string?)record["intent"]!["server"]!["address"]);
        Assert.Equal(["10.9.0.1:8080", "10.9.0.1:8080", "10.9.0.2:8080", "10.9.0.2:8080"], servers.Order());
        Assert.Equal(2, await auditor.MetricAsync("ocx_auditor_calls_with_taken_keys_total"));
    }

    [Fact]
    public async Task The_ledger_is_for_the_socket_and_reports_are_for_tls()
    {
        await using var scene = await AuditScene.StartAsync(cluster, Mine);
        await using var auditor = await AuditorProcess.StartAsync(scene.KubeConfig);
        foreach (string path in new[] { "/v1/records?last=1", "/v1/ledger/lines", "/v1/ledger/key", "/metrics" })
        {
            Assert.Equal(HttpStatusCode.NotFound, await auditor.GetOverTlsAsync(path));
        }

        Assert.Equal(HttpStatusCode.NotFound, (await auditor.GetAsync("/v1/records?last=1")).Code);
        Assert.Empty(await auditor.RecordsAsync());
        var status = await AuditAgent.RefusedAsync(auditor.ConnectToSocket(), await scene.AgentTokenAsync(Mine), Mine);
        Assert.Equal(StatusCode.PermissionDenied, status.StatusCode);
        Assert.Contains("over TLS", status.Detail, StringComparison.Ordinal);
    }
}
