using k8s;
using k8s.Models;
using Ocx.Api;
using Ocx.Operator.Controllers;
using Ocx.Operator.Options;
using Ocx.Operator.Resources;
using Ocx.Operator.Runtime;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator;

/// <summary>Composes the operator.</summary>
internal static class OperatorServices
{
    // Reports come at up to 50 a second, and pods change several times as they start: a tap is looked at once for all
    // that came within this time.
    private static readonly TimeSpan s_reportDelay = TimeSpan.FromSeconds(1);

    public static IServiceCollection AddTapOperator(this IServiceCollection services)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<OperatorMetrics>();
        services.AddSingleton<Leadership>();
        services.AddSingleton<EventRecorder>();
        services.AddSingleton<HealthPorts>();
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

        services.AddSingleton<AbandonedLease>();
        services.AddHostedService<LeaderElectionService>();
        services.AddHostedService<ControllerService<McpTapController, V1Alpha1McpTap>>();
        return services;
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
        services.AddSingleton(provider => new ResourceClient<T>(
            provider.GetRequiredService<Kubernetes>(),
            ofCluster ? null : provider.GetRequiredService<OperatorOptions>().Namespace
        ));
        services.AddSingleton(provider => new Informer<T>(
            provider.GetRequiredService<ResourceClient<T>>(),
            labelSelector ?? string.Empty,
            provider.GetRequiredService<OperatorMetrics>(),
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
