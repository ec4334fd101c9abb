using System.Text.Json.Serialization;
using k8s.Models;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>
/// What an McpTap is to capture, and how its agents run. A property's initial value is the default that the API server
/// fills in.
/// </summary>
public sealed class V1Alpha1McpTapSpec
{
    /// <summary>The interface.</summary>
    [JsonPropertyName("interface")]
    [Description("The network interface of the host that is tapped, or 'any' for all of them.")]
    [Length(Minimum = 1, Maximum = 15)]
    [Pattern("^[^/:,\\s\\x00-\\x1f\\x7f]+$")]
    public string Interface { get; set; } = "eth0";

    /// <summary>The port.</summary>
    [JsonPropertyName("port")]
    [Description("The TCP port of the MCP servers.")]
    [RangeMinimum(1)]
    [RangeMaximum(65535)]
    public int Port { get; set; } = 8080;

    /// <summary>More ports.</summary>
    [JsonPropertyName("additionalPorts")]
    [Description("More TCP ports to tap; 16 in all with port.")]
    [RangeMinimum(1)]
    [RangeMaximum(65535)]
    [MaxItems(15)]
    [ListType("set")]
    public IList<int>? AdditionalPorts { get; set; }

    /// <summary>The ring buffer's size.</summary>
    [JsonPropertyName("ringSize")]
    [Description("The size of the ring buffer between kernel and agent on each node: a power of two from 64Ki to 1Gi.")]
    [AllowedValues(
        "64Ki",
        "128Ki",
        "256Ki",
        "512Ki",
        "1Mi",
        "2Mi",
        "4Mi",
        "8Mi",
        "16Mi",
        "32Mi",
        "64Mi",
        "128Mi",
        "256Mi",
        "512Mi",
        "1Gi"
    )]
    public string RingSize { get; set; } = "16Mi";

    /// <summary>The bytes of a segment that are captured.</summary>
    [JsonPropertyName("snapLength")]
    [Description(
        "How many bytes of a segment's payload are captured; what is beyond is counted, not copied. "
            + "The largest value keeps all."
    )]
    [RangeMinimum(64)]
    [RangeMaximum(65536)]
    public int SnapLength { get; set; } = 65536;

    /// <summary>Packets inside of tunnels are read.</summary>
    [JsonPropertyName("decapsulate")]
    [Description(
        "Reads what is inside of VXLAN, Geneve, GRE and IP in IP on the tapped interfaces, "
            + "as pod networks use them between nodes."
    )]
    public bool Decapsulate { get; set; }

    /// <summary>No node is tapped.</summary>
    [JsonPropertyName("suspend")]
    [Description("Stops the agents on all nodes and keeps the counts.")]
    public bool Suspend { get; set; }

    /// <summary>How much of a message is exported.</summary>
    [JsonPropertyName("payload")]
    [Description("Full exports calls with their arguments and results, redacted; Metadata only what describes them.")]
    [AllowedValues(PayloadMode.Full, PayloadMode.Metadata)]
    public string Payload { get; set; } = PayloadMode.Full;

    /// <summary>What is masked beyond the built-in rules.</summary>
    [JsonPropertyName("redact")]
    [Description("What is masked in arguments and results beyond credentials, which always are.")]
    public V1Alpha1Redaction? Redact { get; set; }

    /// <summary>Whether calls are looked through for what an administrator should know.</summary>
    [JsonPropertyName("findings")]
    [Description(
        "Whether agents look for what an administrator should know, such as tools that change or calls without "
            + "authorization, and Events tell it."
    )]
    public bool Findings { get; set; } = true;

    /// <summary>Processes are named.</summary>
    [JsonPropertyName("processes")]
    [Description(
        "Names the processes at the ends of calls. The agents then share the nodes' pid namespace and may look "
            + "into all processes (SYS_PTRACE, DAC_READ_SEARCH)."
    )]
    public bool Processes { get; set; }

    /// <summary>Where calls are sent by OTLP.</summary>
    [JsonPropertyName("otlp")]
    [Description("An OTLP receiver of a span and a log of each call; none when not given.")]
    public V1Alpha1Otlp? Otlp { get; set; }

    /// <summary>How often an agent reports its counts.</summary>
    [JsonPropertyName("reportInterval")]
    [Description(
        "How often an agent reports its counts, at most 24h. In large clusters the operator lengthens it, "
            + "so that all agents together write at most 50 reports a second."
    )]
    [Pattern(ApiDuration.Pattern)]
    public string ReportInterval { get; set; } = "10s";

    /// <summary>How often an agent logs its counts.</summary>
    [JsonPropertyName("statsInterval")]
    [Description("How often an agent logs its counts, at most 24h.")]
    [Pattern(ApiDuration.Pattern)]
    public string StatsInterval { get; set; } = "10s";

    /// <summary>The agent's log level.</summary>
    [JsonPropertyName("logLevel")]
    [Description("The least level of the agent's log messages.")]
    [AllowedValues("Debug", "Information", "Warning", "Error")]
    public string LogLevel { get; set; } = "Information";

    /// <summary>The nodes, by label.</summary>
    [JsonPropertyName("nodeSelector")]
    [Description("Labels of the nodes that are tapped; all nodes when empty.")]
    public IDictionary<string, string>? NodeSelector { get; set; }

    /// <summary>The taints that agents tolerate.</summary>
    [JsonPropertyName("tolerations")]
    [Description("The taints that the agents tolerate; every taint when not given.")]
    [ListType("atomic")]
    public IList<V1Toleration>? Tolerations { get; set; }

    /// <summary>The nodes, by rules.</summary>
    [JsonPropertyName("affinity")]
    [Description("Scheduling rules of the agents.")]
    public V1Affinity? Affinity { get; set; }

    /// <summary>The agent's resources.</summary>
    [JsonPropertyName("resources")]
    [Description("Requests and limits of the agents; sized from ringSize when not given.")]
    public V1ResourceRequirements? Resources { get; set; }

    /// <summary>The pods' priority class.</summary>
    [JsonPropertyName("priorityClassName")]
    [Description("The priority class of the agents.")]
    [Length(Maximum = 253)]
    public string? PriorityClassName { get; set; }

    /// <summary>The agent's image.</summary>
    [JsonPropertyName("image")]
    [Description("The agent's image; the one that came with the operator when not given.")]
    [Length(Minimum = 1, Maximum = 512)]
    public string? Image { get; set; }

    /// <summary>When the image is pulled.</summary>
    [JsonPropertyName("imagePullPolicy")]
    [Description("When the image is pulled.")]
    [AllowedValues("Always", "IfNotPresent", "Never")]
    public string ImagePullPolicy { get; set; } = "IfNotPresent";

    /// <summary>Registry credentials.</summary>
    [JsonPropertyName("imagePullSecrets")]
    [Description("Secrets in the operator's namespace with credentials of the image's registry.")]
    [ListType("atomic")]
    public IList<V1LocalObjectReference>? ImagePullSecrets { get; set; }

    /// <summary>How a change is rolled out.</summary>
    [JsonPropertyName("updateStrategy")]
    [Description("How a changed spec is rolled out over the nodes.")]
    public V1DaemonSetUpdateStrategy? UpdateStrategy { get; set; }

    /// <summary>The rights of the agent's container.</summary>
    [JsonPropertyName("securityProfile")]
    [Description(
        "Capabilities gives the agents the least capabilities that work; "
            + "Privileged is for nodes whose kernel or runtime refuses them."
    )]
    [AllowedValues(SecurityProfiles.Capabilities, SecurityProfiles.Privileged)]
    public string SecurityProfile { get; set; } = SecurityProfiles.Capabilities;
}
