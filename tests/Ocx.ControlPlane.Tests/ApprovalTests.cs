using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Ocx.Api;
using Ocx.Audit.Approvals;
using Ocx.Audit.Intents;
using Ocx.Audit.Ledger;
using Ocx.Auditor.Approvals;
using Ocx.Kube;
using Prometheus;

namespace Ocx.ControlPlane.Tests;

/// <summary>Calls that wait, as objects that people with the right to it decide on.</summary>
public sealed class ApprovalTests(Cluster cluster) : IAsyncLifetime
{
    private const string Decider = "decider",
        Author = "author";

    private static readonly AuditReference s_audit = new(Cluster.Namespace, "orders", 3);

    private readonly Clock _clock = new();
    private readonly List<Auditor> _auditors = [];
    private string _rights = string.Empty;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        string chart = await cluster.ControlPlane.HelmAsync(
            "template",
            "ocx",
            Path.Combine(Checkout.Root, "deploy/helm/ocx-tap"),
            "--namespace",
            Cluster.Namespace,
            "--set",
            "audit.enabled=true",
            "--show-only",
            "templates/approvals.yaml"
        );
        _rights = cluster.ControlPlane.WriteFile("approvals.yaml", chart + People);
        await cluster.ControlPlane.KubectlAsync("apply", "-f", _rights);
        await Eventually.TrueAsync(async () => (await ListAsync()) is not null, "the API server serves McpApprovals");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Auditor auditor in _auditors)
        {
            await auditor.DisposeAsync();
        }

        await cluster.ControlPlane.KubectlAsync("delete", "-f", _rights, "--ignore-not-found");
        foreach (string @namespace in (string[])[Cluster.Namespace, "default"])
        {
            await cluster.Admin.CustomObjects.DeleteCollectionNamespacedCustomObjectAsync(
                OcxApi.Group,
                OcxApi.Version,
                @namespace,
                V1Alpha1McpApproval.KubePluralName
            );
        }
    }

    [Fact]
    public async Task Who_may_decide_writes_no_audits_and_who_writes_audits_does_not_decide()
    {
        Auditor auditor = await StartAsync();
        Approval asked = (await auditor.Approvals.AskAsync(Asked("call-1"), Cancellation)).Approval!;
        using Kubernetes decider = await ConnectAsync(Decider);
        using Kubernetes author = await ConnectAsync(Author);
        string name = NameOf(asked);

        Assert.Equal(HttpStatusCode.Forbidden, await StatusOfAsync(() => DecideAsync(author, name, "Approve")));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusOfAsync(() => PatchAsync(author, name, "{}")));
        const string Other = """{"spec":{"caller":"another"}}""";
        Assert.Equal(HttpStatusCode.Forbidden, await StatusOfAsync(() => PatchAsync(decider, name, Other)));
        Assert.Equal(
            HttpStatusCode.Forbidden,
            await StatusOfAsync(() =>
                decider.CustomObjects.CreateNamespacedCustomObjectAsync(
                    JsonNode.Parse("""{"apiVersion":"ocx.dev/v1alpha1","kind":"McpAudit","metadata":{"name":"x"}}""")!,
                    OcxApi.Group,
                    OcxApi.Version,
                    Cluster.Namespace,
                    V1Alpha1McpAudit.KubePluralName
                )
            )
        );
        Assert.Null((await GetAsync(name)).Status?.Decision);

        // With the right to the status alone the rest of the object stays as it was.
        await decider.CustomObjects.PatchNamespacedCustomObjectStatusAsync(
            Patch("""{"spec":{"caller":"another"},"status":{"decision":"Approve","decidedBy":"ann"}}"""),
            OcxApi.Group,
            OcxApi.Version,
            Cluster.Namespace,
            V1Alpha1McpApproval.KubePluralName,
            name
        );
        V1Alpha1McpApproval decided = await GetAsync(name);
        Assert.Equal(("10.0.0.1", "Approve"), (decided.Spec.Caller, decided.Status!.Decision));
        string row = (await cluster.ControlPlane.KubectlAsync("get", "mcpapprovals", "-n", Cluster.Namespace)).Split(
            '\n'
        )[1];
        Assert.Matches($"^{name} +orders +delete_orders +10.0.0.1 +Approve +", row);
    }

    [Fact]
    public async Task A_persons_word_releases_one_call_of_its_binding()
    {
        Auditor auditor = await StartAsync();
        Approval asked = (await auditor.Approvals.AskAsync(Asked("call-1"), Cancellation)).Approval!;
        Assert.Equal(asked, (await auditor.Approvals.AskAsync(Asked("call-2"), Cancellation)).Approval);
        using Kubernetes decider = await ConnectAsync(Decider);
        await DecideAsync(decider, NameOf(asked), "Approve");
        await auditor.SeesAsync(approval => approval.Decision is not null);

        Approval other = (await auditor.Approvals.AskAsync(Asked("call-3", "10.0.0.9"), Cancellation)).Approval!;
        Assert.Null(other.Decision);
        Approval used = (await auditor.Approvals.AskAsync(Asked("call-4"), Cancellation)).Approval!;
        Assert.Equal(
            (asked.Id, ApprovalDecision.Approve, "ann", "call-4"),
            (used.Id, used.Decision, used.DecidedBy, used.UsedBy)
        );
        V1Alpha1McpApproval kept = await GetAsync(NameOf(asked));
        Assert.Equal(("call-4", "Approve"), (kept.Status!.UsedBy, kept.Status.Decision));

        // The call that used it is told the same again; the next one asks anew, under another name.
        Assert.Equal(used.Id, (await auditor.Approvals.AskAsync(Asked("call-4"), Cancellation)).Approval!.Id);
        Approval next = (await auditor.Approvals.AskAsync(Asked("call-5"), Cancellation)).Approval!;
        Assert.Null(next.Decision);
        Assert.NotEqual(asked.Id, next.Id);
    }

    [Fact]
    public async Task Of_two_auditors_one_asks_and_one_uses_the_answer()
    {
        Auditor[] both = [await StartAsync(), await StartAsync()];
        ApprovalAnswer[] asked = await AskAllAsync("ask");
        string id = Assert.Single(asked.Select(answer => answer.Approval!.Id).Distinct());
        Assert.Single(await ListAsync());

        await DecideAsync(cluster.Admin, id.Split('/')[1], "Approve");
        await Task.WhenAll(both.Select(one => one.SeesAsync(approval => approval.Decision is not null)));
        ApprovalAnswer[] answers = await AskAllAsync("use");
        Assert.Single(answers, answer => answer.Approval!.Decision == ApprovalDecision.Approve);
        Assert.Equal(2, (await ListAsync()).Count);

        Task<ApprovalAnswer[]> AskAllAsync(string what) =>
            Task.WhenAll(
                Enumerable
                    .Range(0, 10)
                    .Select(call => both[call % 2].Approvals.AskAsync(Asked($"{what}-{call}"), Cancellation))
            );
    }

    [Fact]
    public async Task An_approval_of_another_namespace_is_none()
    {
        Auditor auditor = await StartAsync();
        Approval asked = Asked("call-1");
        V1Alpha1McpApproval forged = ApprovalObject.Of(asked, string.Empty);
        forged.Metadata.NamespaceProperty = "default";
        await cluster.Admin.CustomObjects.CreateNamespacedCustomObjectAsync(
            forged,
            OcxApi.Group,
            OcxApi.Version,
            "default",
            V1Alpha1McpApproval.KubePluralName
        );
        await DecideAsync(cluster.Admin, forged.Name(), "Approve", "default");
        await auditor.SeesAsync(approval => approval.Decision is not null);
        ApprovalAnswer answer = await auditor.Approvals.AskAsync(asked, Cancellation);
        Assert.Null(answer.Approval!.Decision);
        Assert.StartsWith(Cluster.Namespace, answer.Approval.Id, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_has_expired_is_not_used_and_goes()
    {
        Auditor auditor = await StartAsync();
        Approval asked = (await auditor.Approvals.AskAsync(Asked("call-1"), Cancellation)).Approval!;
        await auditor.Approvals.AskAsync(Asked("call-2", "10.0.0.9"), Cancellation);
        await DecideAsync(cluster.Admin, NameOf(asked), "Approve");
        await auditor.SeesAsync(approval => approval.Decision is not null);
        _clock.Now += TimeSpan.FromHours(2);
        Approval next = (await auditor.Approvals.AskAsync(Asked("call-3"), Cancellation)).Approval!;
        Assert.NotEqual(asked.Id, next.Id);

        // What nobody decided goes at once; what was decided can be looked up for a day.
        await auditor.Approvals.SweepAsync(Cancellation);
        Assert.Equal(
            ((string[])[NameOf(asked), NameOf(next)]).Order(),
            (await ListAsync()).Select(item => item.Name()).Order()
        );
        _clock.Now += TimeSpan.FromDays(2);
        await auditor.Approvals.SweepAsync(Cancellation);
        Assert.Empty(await ListAsync());
    }

    private static string NameOf(Approval approval) => approval.Id.Split('/')[1];

    private static V1Patch Patch(string merge) => new(merge, V1Patch.PatchType.MergePatch);

    private static async Task DecideAsync(
        Kubernetes kubernetes,
        string name,
        string decision,
        string @namespace = Cluster.Namespace
    ) =>
        await kubernetes.CustomObjects.PatchNamespacedCustomObjectStatusAsync(
            Patch($$$"""{"status":{"decision":"{{{decision}}}","decidedBy":"ann"}}"""),
            OcxApi.Group,
            OcxApi.Version,
            @namespace,
            V1Alpha1McpApproval.KubePluralName,
            name
        );

    private static async Task PatchAsync(Kubernetes kubernetes, string name, string merge) =>
        await kubernetes.CustomObjects.PatchNamespacedCustomObjectAsync(
            Patch(merge),
            OcxApi.Group,
            OcxApi.Version,
            Cluster.Namespace,
            V1Alpha1McpApproval.KubePluralName,
            name
        );

    private static async Task<HttpStatusCode> StatusOfAsync(Func<Task> request) =>
        (await Assert.ThrowsAsync<HttpOperationException>(request)).Response.StatusCode;

    private Approval Asked(string call, string client = "10.0.0.1")
    {
        var entry = new LedgerEntry
        {
            Time = _clock.Now,
            Audit = s_audit,
            Mode = "Observe",
            Intent = new Intent
            {
                Key = call,
                Time = _clock.Now,
                Method = "tools/call",
                Tool = "delete_orders",
                Arguments = """{"all":true}"""u8.ToArray(),
                ArgumentsDigest = new string('a', 64),
                Client = new Party { Address = $"{client}:40000" },
                Server = new Party { Address = "10.0.0.2:8080" },
            },
            Verdict = new(Audit.Jury.Outcome.Held, "rules: deletes all", [], TimeSpan.Zero),
        };
        ApprovalBinding binding = ApprovalBinding.Of(s_audit, "policy", entry.Intent)!;
        return Approval.Ask(binding, entry, _clock.Now, TimeSpan.FromHours(1));
    }

    private async Task<Auditor> StartAsync()
    {
        var auditor = new Auditor(cluster.Admin, _clock);
        _auditors.Add(auditor);
        await auditor.StartAsync();
        return auditor;
    }

    private async Task<Kubernetes> ConnectAsync(string account) =>
        new(
            KubernetesClientConfiguration.BuildConfigFromConfigFile(
                cluster.ControlPlane.WriteKubeConfig(account, await cluster.TokenAsync(account))
            )
        );

    private Task<V1Alpha1McpApproval> GetAsync(string name) =>
        cluster.Admin.CustomObjects.GetNamespacedCustomObjectAsync<V1Alpha1McpApproval>(
            OcxApi.Group,
            OcxApi.Version,
            Cluster.Namespace,
            V1Alpha1McpApproval.KubePluralName,
            name
        );

    private async Task<IList<V1Alpha1McpApproval>> ListAsync() =>
        (
            await cluster.Admin.CustomObjects.ListNamespacedCustomObjectAsync<CustomResourceList>(
                OcxApi.Group,
                OcxApi.Version,
                Cluster.Namespace,
                V1Alpha1McpApproval.KubePluralName
            )
        ).Items;

    private static string People { get; } =
        $$"""

            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: {{Decider}}, namespace: {{Cluster.Namespace}} }
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: {{Author}}, namespace: {{Cluster.Namespace}} }
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: {{Decider}}, namespace: {{Cluster.Namespace}} }
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ocx-tap-approver}
            subjects: [{kind: ServiceAccount, name: {{Decider}}, namespace: {{Cluster.Namespace}} }]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: {{Author}}, namespace: {{Cluster.Namespace}} }
            rules:
              - apiGroups: [ocx.dev]
                resources: [mcpaudits, mcpaudits/status]
                verbs: ["*"]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: {{Author}}, namespace: {{Cluster.Namespace}} }
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{Author}} }
            subjects: [{kind: ServiceAccount, name: {{Author}}, namespace: {{Cluster.Namespace}} }]
            """;

    /// <summary>A list of approvals.</summary>
    private sealed class CustomResourceList
    {
        public IList<V1Alpha1McpApproval> Items { get; set; } = [];
    }

    /// <summary>Where one auditor keeps approvals.</summary>
    private sealed class Auditor : IAsyncDisposable
    {
        private readonly Informer<V1Alpha1McpApproval> _informer;

        public Auditor(Kubernetes kubernetes, TimeProvider time)
        {
            _informer = new(
                new ResourceClient<V1Alpha1McpApproval>(kubernetes, "ocx-auditor"),
                string.Empty,
                new InformerMetrics(Metrics.WithCustomRegistry(Metrics.NewCustomRegistry()), "test"),
                TimeProvider.System,
                NullLogger<Informer<V1Alpha1McpApproval>>.Instance
            );
            Approvals = new(kubernetes, _informer, time, NullLogger<ClusterApprovals>.Instance);
        }

        public ClusterApprovals Approvals { get; }

        public async Task StartAsync()
        {
            await _informer.StartAsync(Cancellation);
            await Approvals.StartAsync(Cancellation);
            await _informer.Synced.WaitAsync(Cancellation);
        }

        public Task<TimeSpan> SeesAsync(Predicate<Approval> expected) =>
            Eventually.TrueAsync(
                async () => (await Approvals.ListAsync(Cancellation)).Any(approval => expected(approval)),
                "the auditor sees what was decided"
            );

        public async ValueTask DisposeAsync()
        {
            await Approvals.StopAsync(CancellationToken.None);
            await _informer.StopAsync(CancellationToken.None);
            Approvals.Dispose();
            _informer.Dispose();
        }
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UtcNow;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
