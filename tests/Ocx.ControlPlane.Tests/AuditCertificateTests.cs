using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using k8s.Models;

namespace Ocx.ControlPlane.Tests;

/// <summary>The auditor's certificates, in the objects where it and the agents look for them.</summary>
[Collection(nameof(AuditCluster))]
public sealed class AuditCertificateTests(AuditCluster audits) : IAsyncLifetime
{
    private const string Authority = "ocx-tap-auditor-ca";
    private const string Server = "ocx-tap-auditor-tls";

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await audits.ClearAsync();

    [Fact]
    public async Task They_are_made_and_made_anew_when_they_are_lost_or_mangled_and_no_key_is_logged()
    {
        await using var leader = audits.StartOperator();
        await TrustedAsync();
        var first = await SecretAsync(Server);
        Assert.Equal("kubernetes.io/tls", first!.Type);
        using (var certificate = Certificate(first))
        {
            Assert.True(certificate.MatchesHostname(await audits.AddressAsync()));
            Assert.True(certificate.MatchesHostname($"ocx-tap-auditor.{Cluster.Namespace}.svc"));
        }

        var owner = Assert.Single(first.Metadata.OwnerReferences);
        Assert.Equal(("Service", "ocx-tap-auditor"), (owner.Kind, owner.Name));

        await audits.Admin.CoreV1.PatchNamespacedSecretAsync(
            new V1Patch("""{"data":{"tls.key":"Z2FyYmFnZQ=="}}""", V1Patch.PatchType.MergePatch),
            Server,
            Cluster.Namespace
        );
        await ChangedAsync(Server, first);
        await TrustedAsync();

        await audits.Admin.CoreV1.DeleteNamespacedConfigMapAsync(Authority, Cluster.Namespace);
        await TrustedAsync();

        var authority = await SecretAsync(Authority);
        await audits.Admin.CoreV1.DeleteNamespacedSecretAsync(Authority, Cluster.Namespace);
        await ChangedAsync(Authority, authority!);
        await TrustedAsync();

        var log = leader.Process.Output;
        Assert.Contains("Certificates of the auditor", log, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE", log, StringComparison.Ordinal);
        foreach (var secret in new[] { first, authority!, (await SecretAsync(Server))! })
        {
            var key = secret.Data.Single(entry => entry.Key.EndsWith(".key", StringComparison.Ordinal)).Value;
            Assert.DoesNotContain(Encoding.ASCII.GetString(key).Split('\n')[1], log, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Where_somebody_else_makes_them_the_operator_makes_none_and_agents_trust_the_others()
    {
        foreach (var name in new[] { Authority, Server })
        {
            await DeleteAsync(name);
        }

        await using var leader = audits.StartOperator(("OCX_AUDITOR_TLS_SECRET", "from-cert-manager"));
        await audits.Cluster.CreateTapAsync("others", """{"port":8106}""");
        await audits.CreateAuditAsync("others", 8106);
        await Eventually.TrueAsync(
            async () =>
                (await audits.Cluster.DaemonSetAsync("others"))?.Spec.Template.Spec.Volumes?[0].Secret
                    is { SecretName: "from-cert-manager" } secret
                && secret.Items.Single().Key == "ca.crt",
            "agents trust what that Secret has"
        );
        Assert.Null(await SecretAsync(Authority));
        Assert.Null(await SecretAsync(Server));
    }

    [Theory]
    [InlineData("ocx-tap-auditor", "list", "ocx.dev/mcpaudits", true)]
    [InlineData("ocx-tap-auditor", "patch", "ocx.dev/mcpaudits", false)]
    [InlineData("ocx-tap-auditor", "patch", "ocx.dev/mcpaudits/status", true)]
    [InlineData("ocx-tap-auditor", "watch", "/pods", true)]
    [InlineData("ocx-tap-auditor", "get", "/pods/log", false)]
    [InlineData("ocx-tap-auditor", "get", "/secrets", false)]
    [InlineData("ocx-tap-auditor", "list", "/secrets", false)]
    [InlineData("ocx-tap-auditor", "create", "authentication.k8s.io/tokenreviews", true)]
    [InlineData("ocx-tap-auditor", "create", "ocx.dev/mcpapprovals", true)]
    [InlineData("ocx-tap-auditor", "patch", "ocx.dev/mcpapprovals/status", true)]
    [InlineData("ocx-tap-auditor", "patch", "ocx.dev/mcpapprovals", false)]
    [InlineData("ocx-tap-operator", "list", "ocx.dev/mcpaudits", true)]
    [InlineData("ocx-tap-operator", "patch", "ocx.dev/mcpaudits", false)]
    [InlineData("ocx-tap-operator", "patch", "ocx.dev/mcpaudits/status", true)]
    [InlineData("ocx-tap-operator", "create", "/events", true)]
    [InlineData("ocx-tap-operator", "list", "/secrets", false)]
    [InlineData("ocx-tap-operator", "get", "/secrets", false)]
    [InlineData("ocx-tap-operator", "list", "ocx.dev/mcpapprovals", false)]
    public async Task An_account_may_do_this_and_may_not_do_that(string account, string verb, string what, bool may) =>
        Assert.Equal(may, await audits.Cluster.MayAsync(account, verb, what, AuditCluster.Shop));

    [Theory]
    [InlineData("get", "/secrets//ocx-tap-auditor-tls", true)]
    [InlineData("patch", "/secrets//ocx-tap-auditor-ca", true)]
    [InlineData("get", "/secrets//another", false)]
    [InlineData("patch", "/configmaps//ocx-tap-auditor-ca", true)]
    [InlineData("get", "/services//ocx-tap-auditor", true)]
    [InlineData("get", "/services//another", false)]
    [InlineData("delete", "/secrets//ocx-tap-auditor-tls", false)]
    [InlineData("list", "/secrets", false)]
    [InlineData("patch", "apps/statefulsets//ocx-tap-auditor", false)]
    public async Task The_operator_has_rights_to_the_auditors_objects_in_its_namespace(
        string verb,
        string what,
        bool may
    ) => Assert.Equal(may, await audits.Cluster.MayAsync("ocx-tap-operator", verb, what));

    // What the auditor shows is trusted by what the agents are given.
    private Task<TimeSpan> TrustedAsync() =>
        Eventually.TrueAsync(
            async () =>
            {
                if (await SecretAsync(Server) is not { } server || await TrustedTextAsync() is not { } trusted)
                {
                    return false;
                }

                using var certificate = Certificate(server);
                using var chain = new X509Chain();
                chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
                chain.ChainPolicy.CustomTrustStore.ImportFromPem(trusted);
                chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
                return chain.Build(certificate);
            },
            "the auditor's certificate is trusted by the ConfigMap's"
        );

    private Task<TimeSpan> ChangedAsync(string name, V1Secret before) =>
        Eventually.TrueAsync(
            async () =>
                await SecretAsync(name) is { } now
                && now.ResourceVersion() != before.ResourceVersion()
                && !now.Data.Values.Any(value => value.AsSpan().SequenceEqual("garbage"u8)),
            $"{name} is made anew"
        );

    private async Task<string?> TrustedTextAsync() =>
        (await audits.Admin.CoreV1.ListNamespacedConfigMapAsync(Cluster.Namespace))
            .Items.FirstOrDefault(map => map.Name() == Authority)
            ?.Data["ca.crt"];

    private async Task<V1Secret?> SecretAsync(string name) =>
        (await audits.Admin.CoreV1.ListNamespacedSecretAsync(Cluster.Namespace)).Items.FirstOrDefault(secret =>
            secret.Name() == name
        );

    private async Task DeleteAsync(string name)
    {
        try
        {
            await audits.Admin.CoreV1.DeleteNamespacedSecretAsync(name, Cluster.Namespace);
        }
        catch (k8s.Autorest.HttpOperationException exception)
            when (exception.Response.StatusCode == HttpStatusCode.NotFound)
        {
            // There was none.
        }
    }

    private static X509Certificate2 Certificate(V1Secret server) =>
        X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(server.Data["tls.crt"]));
}
