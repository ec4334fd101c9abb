using k8s.Models;
using Ocx.Api;
using Ocx.Operator.Options;

namespace Ocx.Operator.Resources;

/// <summary>The DaemonSet of an McpTap's agents.</summary>
internal static class AgentDaemonSet
{
    private const string HealthPort = "health";

    // No node has this label, so a suspended tap has no pods, and its DaemonSet stays to be resumed.
    private const string SuspendedLabel = OcxApi.Group + "/suspended";

    /// <summary>The DaemonSet.</summary>
    /// <param name="tap">The tap.</param>
    /// <param name="options">What is the same for all taps.</param>
    /// <param name="healthPort">The port of the agents' health endpoint.</param>
    /// <param name="auditing">Where calls are audited; null where they are not.</param>
    public static V1DaemonSet Create(
        V1Alpha1McpTap tap,
        OperatorOptions options,
        int healthPort,
        AgentAuditing? auditing = null
    ) =>
        new()
        {
            ApiVersion = "apps/v1",
            Kind = "DaemonSet",
            Metadata = AgentNames.Metadata(tap, options.Namespace),
            Spec = new V1DaemonSetSpec
            {
                Selector = new V1LabelSelector { MatchLabels = AgentNames.Selector(tap.Metadata.Name) },
                UpdateStrategy = tap.Spec.UpdateStrategy,
                Template = new V1PodTemplateSpec
                {
                    Metadata = new V1ObjectMeta
                    {
                        Labels = AgentNames.Selector(tap.Metadata.Name),
                        Annotations = new Dictionary<string, string>
                        {
                            ["kubectl.kubernetes.io/default-container"] = "agent",
                        },
                    },
                    Spec = Pod(tap, options, healthPort, auditing),
                },
            },
        };

    /// <summary>The port of the agents' health endpoint.</summary>
    public static int? HealthPortOf(V1DaemonSet? daemonSet) =>
        daemonSet
            ?.Spec.Template.Spec.Containers.SelectMany(container => container.Ports ?? [])
            .FirstOrDefault(port => port.Name == HealthPort)
            ?.ContainerPort;

    /// <summary>The report interval that a DaemonSet's agents were given.</summary>
    public static string? ReportIntervalOf(V1DaemonSet? daemonSet) =>
        daemonSet
            ?.Spec.Template.Spec.Containers.SelectMany(container => container.Env ?? [])
            .FirstOrDefault(variable => variable.Name == AgentEnvironment.ReportInterval)
            ?.Value;

    private static V1PodSpec Pod(
        V1Alpha1McpTap tap,
        OperatorOptions options,
        int healthPort,
        AgentAuditing? auditing
    ) =>
        new()
        {
            ServiceAccountName = options.AgentServiceAccount,
            HostNetwork = true,
            // Else /proc has none of the processes that are to be named.
            HostPID = tap.Spec.Processes ? true : null,
            DnsPolicy = "ClusterFirstWithHostNet",
            NodeSelector = NodeSelector(tap.Spec),
            // A tap that a taint keeps off a node would be silently blind there.
            Tolerations = tap.Spec.Tolerations ?? [new V1Toleration { OperatorProperty = "Exists" }],
            Affinity = tap.Spec.Affinity,
            PriorityClassName = tap.Spec.PriorityClassName,
            ImagePullSecrets = tap.Spec.ImagePullSecrets,
            TerminationGracePeriodSeconds = 15,
            SecurityContext = new V1PodSecurityContext
            {
                SeccompProfile = new V1SeccompProfile { Type = "RuntimeDefault" },
            },
            Containers =
            [
                new V1Container
                {
                    Name = "agent",
                    Image = tap.Spec.Image ?? options.AgentImage,
                    ImagePullPolicy = tap.Spec.ImagePullPolicy,
                    Env = AgentEnvironment.Of(tap, options, healthPort, auditing),
                    Ports =
                    [
                        new V1ContainerPort
                        {
                            Name = HealthPort,
                            ContainerPort = healthPort,
                            HostPort = healthPort,
                            Protocol = "TCP",
                        },
                    ],
                    LivenessProbe = Probe("/healthz", periodSeconds: 10),
                    // To ask while it attaches would be a warning at every start.
                    ReadinessProbe = Probe("/readyz", periodSeconds: 5, initialDelaySeconds: 2),
                    Resources = tap.Spec.Resources ?? AgentMemory.Resources(tap.Spec.RingSize, auditing is not null),
                    SecurityContext = SecurityContext(tap.Spec),
                    VolumeMounts = auditing is null ? null : AuditorAccess.Mounts,
                },
            ],
            Volumes = auditing?.Auditor.Volumes,
        };

    private static Dictionary<string, string>? NodeSelector(V1Alpha1McpTapSpec spec)
    {
        if (!spec.Suspend)
        {
            return spec.NodeSelector is null ? null : new(spec.NodeSelector);
        }

        return new(spec.NodeSelector ?? new Dictionary<string, string>()) { [SuspendedLabel] = "true" };
    }

    private static V1Probe Probe(string path, int periodSeconds, int? initialDelaySeconds = null) =>
        new()
        {
            HttpGet = new V1HTTPGetAction { Path = path, Port = HealthPort },
            InitialDelaySeconds = initialDelaySeconds,
            PeriodSeconds = periodSeconds,
            TimeoutSeconds = 2,
            FailureThreshold = 3,
        };

    private static V1SecurityContext SecurityContext(V1Alpha1McpTapSpec spec) =>
        spec.SecurityProfile == SecurityProfiles.Privileged
            ? new V1SecurityContext
            {
                Privileged = true,
                ReadOnlyRootFilesystem = true,
                RunAsUser = 0,
            }
            : new V1SecurityContext
            {
                AllowPrivilegeEscalation = false,
                ReadOnlyRootFilesystem = true,
                // Capabilities that a container is given are effective for root alone.
                RunAsUser = 0,
                // The open files of a process are its user's to list, and its tracer's to look at.
                Capabilities = new V1Capabilities
                {
                    Drop = ["ALL"],
                    Add = spec.Processes ? ["BPF", "NET_RAW", "SYS_PTRACE", "DAC_READ_SEARCH"] : ["BPF", "NET_RAW"],
                },
            };
}
