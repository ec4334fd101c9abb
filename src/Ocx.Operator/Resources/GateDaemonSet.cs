using System.Globalization;
using k8s.Models;
using Ocx.Operator.Options;

namespace Ocx.Operator.Resources;

/// <summary>
/// The DaemonSet of the gates. At its end it is rolled out once more, to take away what gates have set on each node:
/// then no rule is left behind, whatever became of the gates.
/// </summary>
internal static class GateDaemonSet
{
    private const string HealthPort = "health";
    private const string Hold = "--cluster";
    private const string Remove = "--remove";
    private const string LockVolume = "xtables-lock";
    private const string LockFile = "/run/xtables.lock";

    /// <summary>The gates.</summary>
    /// <param name="settings">How they are rolled out.</param>
    /// <param name="namespaceName">Where.</param>
    /// <param name="auditor">Their way to the auditor.</param>
    public static V1DaemonSet Holding(GateSettings settings, string namespaceName, AuditorAccess auditor) =>
        Create(settings, namespaceName, auditor);

    /// <summary>Those that hold nothing, and take away what gates before them have set.</summary>
    /// <param name="settings">How they are rolled out.</param>
    /// <param name="namespaceName">Where.</param>
    public static V1DaemonSet Removing(GateSettings settings, string namespaceName) =>
        Create(settings, namespaceName, null);

    /// <summary>Whether it is one of gates that hold.</summary>
    public static bool IsHolding(V1DaemonSet set) =>
        set.Spec.Template.Spec.Containers.Any(container => container.Args?.Contains(Hold) == true);

    /// <summary>Whether each node has a pod of the newest template that is ready.</summary>
    public static bool IsRolledOut(V1DaemonSet set) =>
        set.Status is { } status
        && (status.ObservedGeneration ?? 0) >= (set.Metadata.Generation ?? 0)
        && (status.UpdatedNumberScheduled ?? 0) >= status.DesiredNumberScheduled
        && status.NumberReady >= status.DesiredNumberScheduled;

    private static V1DaemonSet Create(GateSettings settings, string namespaceName, AuditorAccess? auditor) =>
        new()
        {
            ApiVersion = "apps/v1",
            Kind = "DaemonSet",
            Metadata = new V1ObjectMeta
            {
                Name = GateNames.Gate,
                NamespaceProperty = namespaceName,
                Labels = new Dictionary<string, string>
                {
                    ["app.kubernetes.io/name"] = GateNames.AppName,
                    ["app.kubernetes.io/managed-by"] = "ocx-operator",
                },
            },
            Spec = new V1DaemonSetSpec
            {
                Selector = new V1LabelSelector { MatchLabels = Labels },
                Template = new V1PodTemplateSpec
                {
                    Metadata = new V1ObjectMeta { Labels = Labels },
                    Spec = Pod(settings, auditor),
                },
            },
        };

    private static Dictionary<string, string> Labels => new() { ["app.kubernetes.io/name"] = GateNames.AppName };

    private static V1PodSpec Pod(GateSettings settings, AuditorAccess? auditor) =>
        new()
        {
            // What takes rules away speaks to nobody, and may come when the gates' account is gone.
            ServiceAccountName = auditor is null ? "default" : GateNames.Gate,
            // It asks no API server.
            AutomountServiceAccountToken = false,
            // Servers on the host's network are gated there, and the others' processes are found in the host's /proc.
            HostNetwork = true,
            HostPID = true,
            DnsPolicy = "Default",
            NodeSelector = settings.NodeSelector is { Count: > 0 } selector
                ? new Dictionary<string, string>(selector)
                : null,
            // A taint that keeps a gate off a node would leave its servers ungated.
            Tolerations = settings.Tolerations ?? [new V1Toleration { OperatorProperty = "Exists" }],
            PriorityClassName = settings.PriorityClassName is { Length: > 0 } priority ? priority : null,
            ImagePullSecrets = settings.ImagePullSecrets is { Count: > 0 } secrets ? secrets : null,
            TerminationGracePeriodSeconds = 15,
            SecurityContext = new V1PodSecurityContext
            {
                SeccompProfile = new V1SeccompProfile { Type = "RuntimeDefault" },
            },
            Containers =
            [
                new V1Container
                {
                    Name = "gate",
                    Image = settings.Image,
                    ImagePullPolicy = settings.ImagePullPolicy,
                    Args = [auditor is null ? Remove : Hold],
                    Env =
                    [
                        .. auditor?.Environment ?? [],
                        Field("OCX_NODE_NAME", "spec.nodeName"),
                        // The kubelet's probes and Prometheus come to the pod's address, which is the node's.
                        Field("OCX_HTTP_ADDRESS", "status.hostIP"),
                        Value("OCX_HTTP_PORT", settings.HttpPort.ToString(CultureInfo.InvariantCulture)),
                        Value("OCX_LOG_FORMAT", "json"),
                    ],
                    Ports =
                    [
                        new V1ContainerPort
                        {
                            Name = HealthPort,
                            ContainerPort = settings.HttpPort,
                            HostPort = settings.HttpPort,
                            Protocol = "TCP",
                        },
                    ],
                    LivenessProbe = Probe("/healthz", periodSeconds: 10),
                    ReadinessProbe = Probe("/readyz", periodSeconds: 5, initialDelaySeconds: 2),
                    Resources = settings.Resources,
                    SecurityContext = new V1SecurityContext
                    {
                        AllowPrivilegeEscalation = false,
                        ReadOnlyRootFilesystem = true,
                        // Capabilities that a container is given are effective for root alone.
                        RunAsUser = 0,
                        Capabilities = new V1Capabilities
                        {
                            Drop = ["ALL"],
                            // Queues and rules; packets of its own; to enter a network namespace; to open that of
                            // another user's process.
                            Add = ["NET_ADMIN", "NET_RAW", "SYS_ADMIN", "SYS_PTRACE"],
                        },
                    },
                    VolumeMounts = [.. auditor is null ? [] : AuditorAccess.Mounts, Lock],
                },
            ],
            Volumes =
            [
                .. auditor?.Volumes ?? [],
                // Rules of the host's network namespace have other writers, such as kube-proxy: all take this lock.
                new V1Volume
                {
                    Name = LockVolume,
                    HostPath = new V1HostPathVolumeSource { Path = LockFile, Type = "FileOrCreate" },
                },
            ],
        };

    private static V1VolumeMount Lock => new() { Name = LockVolume, MountPath = LockFile };

    private static V1EnvVar Value(string name, string value) => new() { Name = name, Value = value };

    private static V1EnvVar Field(string name, string path) =>
        new()
        {
            Name = name,
            ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = path } },
        };

    private static V1Probe Probe(string path, int periodSeconds, int? initialDelaySeconds = null) =>
        new()
        {
            HttpGet = new V1HTTPGetAction { Path = path, Port = HealthPort },
            InitialDelaySeconds = initialDelaySeconds,
            PeriodSeconds = periodSeconds,
            TimeoutSeconds = 2,
            FailureThreshold = 3,
        };
}
