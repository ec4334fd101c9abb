using k8s;
using k8s.Models;
using Ocx.Api;
using Ocx.Kube;
using Ocx.Operator.Certificates;
using Ocx.Operator.Controllers;
using Ocx.Operator.Gates;
using Ocx.Operator.Options;
using Ocx.Operator.Resources;
using Ocx.Operator.Runtime;
using Ocx.Operator.Telemetry;
using Prometheus;

namespace Ocx.Operator;

/// <summary>Composes the operator.</summary>
internal static class OperatorServices
{
    // Reports come at up to 50 a second, and pods change several times as they start: a tap is looked at once for all
    // that came within this time.
    private static readonly TimeSpan s_reportDelay = TimeSpan.FromSeconds(1);

    /// <summary>Who applies.</summary>
    public const string FieldManager = "ocx-operator";

    /// <summary>Adds the operator of McpTaps, and where they are acted upon that of McpAudits.</summary>
    public static IServiceCollection AddOperator(this IServiceCollection services, OperatorOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<OperatorMetrics>();
        services.AddSingleton(new InformerMetrics(Metrics.DefaultFactory, "ocx_operator"));
        services.AddSingleton<Leadership>();
        services.AddSingleton<EventRecorder>();
        services.AddSingleton<HealthPorts>();
        services.AddSingleton<RolloutBudget>();
        services.AddSingleton<AgentObjects>();
        services.AddSingleton<TapPorts>();
        services.AddSingleton<MissingPods>();
        services.AddSingleton<TapObserver>();
        services.AddSingleton<EventBudget>();
        services.AddSingleton<TapEvents>();
        services.AddSingleton<FindingEvents>();
        services.AddSingleton<StatusWriter>();
        services.AddSingleton<ReportKeeper>();
        services.AddSingleton<McpTapController>();

        services.AddInformer<V1Alpha1McpTap>(ofCluster: true);
        services.AddInformer<NodeMetadata>(ofCluster: true);
        services.AddInformer<V1Alpha1McpTapReport>(trim: KeepNames);
        services.AddInformer<V1DaemonSet>(AgentNames.ManagedSelector);

        // Without the right to see pods the operator does all but say why agents do not run.
        services.AddInformer<AgentPod>(AgentNames.PodSelector, trim: KeepTap, isNeeded: false);

        services.AddTrigger<V1Alpha1McpTapReport>(report => report.Spec?.Tap, s_reportDelay);
        services.AddTrigger<V1DaemonSet>(TapOf, TimeSpan.Zero);
        services.AddTrigger<AgentPod>(TapOf, s_reportDelay);

        if (options.Audit)
        {
            services.AddAudits(options);
        }
        else
        {
            services.AddSingleton(AuditedPorts.None);
        }

        services.AddSingleton<AbandonedLease>();
        services.AddHostedService<LeaderElectionService>();
        services.AddHostedService<ControllerService<McpTapController, V1Alpha1McpTap>>();
        return services;
    }

    private static void AddAudits(this IServiceCollection services, OperatorOptions options)
    {
        services.AddSingleton<AuditorEndpoint>();
        services.AddSingleton<IInformer>(provider => provider.GetRequiredService<AuditorEndpoint>());
        services.AddHostedService(provider => provider.GetRequiredService<AuditorEndpoint>());
        services.AddSingleton<AuditedPorts>();
        services.AddSingleton<AuditEvents>();
        services.AddSingleton<McpAuditController>();
        services.AddInformer<V1Alpha1McpAudit>(ofCluster: true);
        services.AddInformer<V1StatefulSet>(AuditorNames.Selector);
        services.AddSingleton(AuditTriggers.OfTaps);
        services.AddSingleton(AuditTriggers.OfAudits);
        services.AddHostedService<ControllerService<McpAuditController, V1Alpha1McpAudit>>();
        services.AddSingleton<RefusalEvents>();
        if (options.Gate is { } gate)
        {
            services.AddSingleton(gate);
            services.AddSingleton<GateRemoval>();
            services.AddHostedService<GateKeeper>();
        }

        if (options.AuditorTlsSecret is null)
        {
            services.AddClient<V1Secret>();
            services.AddClient<V1ConfigMap>();
            services.AddHostedService<CertificateKeeper>();
        }
    }

    // Who may write reports may write large labels and annotations.
    private static void KeepNames(V1Alpha1McpTapReport report) =>
        report.Metadata = new V1ObjectMeta
        {
            Name = report.Name(),
            NamespaceProperty = report.Namespace(),
            Uid = report.Uid(),
            ResourceVersion = report.ResourceVersion(),
        };

    private static void KeepTap(AgentPod pod) =>
        pod.Metadata = new V1ObjectMeta
        {
            Name = pod.Name(),
            Uid = pod.Uid(),
            ResourceVersion = pod.ResourceVersion(),
            CreationTimestamp = pod.CreationTimestamp(),
            DeletionTimestamp = pod.DeletionTimestamp(),
            Labels = new Dictionary<string, string> { [OcxApi.TapLabel] = pod.GetLabel(OcxApi.TapLabel) },
        };

    private static string? TapOf(IKubernetesObject<V1ObjectMeta> entity) => entity.GetLabel(OcxApi.TapLabel);

    private static void AddInformer<T>(
        this IServiceCollection services,
        string? labelSelector = null,
        bool ofCluster = false,
        Action<T>? trim = null,
        bool isNeeded = true
    )
        where T : IKubernetesObject<V1ObjectMeta>
    {
        services.AddClient<T>(ofCluster);
        services.AddSingleton(provider => new Informer<T>(
            provider.GetRequiredService<ResourceClient<T>>(),
            labelSelector ?? string.Empty,
            provider.GetRequiredService<InformerMetrics>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<Informer<T>>>()
        )
        {
            Trim = trim,
        });
        if (isNeeded)
        {
            services.AddSingleton<IInformer>(provider => provider.GetRequiredService<Informer<T>>());
        }

        services.AddHostedService(provider => provider.GetRequiredService<Informer<T>>());
    }

    private static void AddClient<T>(this IServiceCollection services, bool ofCluster = false)
        where T : IKubernetesObject<V1ObjectMeta> =>
        services.AddSingleton(provider => new ResourceClient<T>(
            provider.GetRequiredService<Kubernetes>(),
            FieldManager,
            ofCluster ? null : provider.GetRequiredService<OperatorOptions>().Namespace
        ));

    private static void AddTrigger<T>(this IServiceCollection services, Func<T, string?> tapOf, TimeSpan delay)
        where T : IKubernetesObject<V1ObjectMeta> =>
        services.AddSingleton(provider => new Trigger<McpTapController>(add =>
            provider.GetRequiredService<Informer<T>>().Changed += entity =>
            {
                if (tapOf(entity) is { } tap)
                {
                    add(tap, delay);
                }
            }
        ));
}
