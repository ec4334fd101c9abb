using k8s;
using k8s.Models;
using Ocx.Api;
using Ocx.Audit.Approvals;
using Ocx.Auditor.Approvals;
using Ocx.Auditor.Cluster;
using Ocx.Auditor.Deciding;
using Ocx.Auditor.Intake;
using Ocx.Auditor.Options;
using Ocx.Auditor.Pods;
using Ocx.Kube;
using Prometheus;

namespace Ocx.Auditor;

/// <summary>Composes what the auditor is in a cluster beyond one machine.</summary>
internal static class ClusterServices
{
    private const string FieldManager = "ocx-auditor";

    /// <summary>The API server, as <c>KUBECONFIG</c> or the pod's account says.</summary>
    /// <exception cref="StartupException">Neither can be used.</exception>
    public static Kubernetes Connect()
    {
        try
        {
            return ApiServer.Connect();
        }
        catch (InvalidOperationException unusable)
        {
            throw new StartupException(unusable.Message, unusable);
        }
    }

    /// <summary>Adds them.</summary>
    public static IServiceCollection AddCluster(
        this IServiceCollection services,
        Kubernetes kubernetes,
        ClusterOptions options,
        PodIndex pods,
        IMetricFactory metrics
    )
    {
        services.AddSingleton(kubernetes);
        services.AddSingleton(pods);
        services.AddSingleton(options);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(new InformerMetrics(metrics, "ocx_auditor"));
        services.AddInformer<V1Alpha1McpAudit>();
        services.AddInformer<PodObject>(
            PodObject.Trim,
            informer => informer.Changed += pod => Index(informer, pods, pod)
        );
        services.AddInformer<V1Alpha1McpApproval>();
        services.AddSingleton<ClusterApprovals>();
        services.AddSingleton<IApprovals>(provider => provider.GetRequiredService<ClusterApprovals>());
        services.AddHostedService(provider => provider.GetRequiredService<ClusterApprovals>());
        services.AddSingleton<AuditSource>();
        services.AddHostedService(provider => provider.GetRequiredService<AuditSource>());
        services.AddSingleton<Readiness>();
        services.AddSingleton<TokenReviews>();
        services.AddSingleton<ICallerAccess, CallerTokens>();
        services.AddSingleton(new ResourceClient<AuditStatus>(kubernetes, FieldManager));
        services.AddSingleton<Enforcement>();
        services.AddHostedService<StatusReporter>();
        if (options.SetsGatedCondition)
        {
            services.AddSingleton(new ResourceClient<PodCondition>(kubernetes, FieldManager));
            services.AddSingleton<GatedCondition>();
            services.AddHostedService<ReadinessGates>();
        }

        return services;
    }

    private static void AddInformer<T>(
        this IServiceCollection services,
        Action<T>? trim = null,
        Action<Informer<T>>? follow = null
    )
        where T : IKubernetesObject<V1ObjectMeta>
    {
        services.AddSingleton(provider =>
        {
            var informer = new Informer<T>(
                new ResourceClient<T>(provider.GetRequiredService<Kubernetes>(), FieldManager),
                string.Empty,
                provider.GetRequiredService<InformerMetrics>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<Informer<T>>>()
            )
            {
                Trim = trim,
            };
            follow?.Invoke(informer);
            return informer;
        });
        services.AddHostedService(provider => provider.GetRequiredService<Informer<T>>());
    }

    private static void Index(Informer<PodObject> informer, PodIndex pods, PodObject pod)
    {
        string key = informer.KeyOf(pod);
        if (informer.Exists(key))
        {
            pods.Set(key, pod);
        }
        else
        {
            pods.Remove(key);
        }
    }
}
