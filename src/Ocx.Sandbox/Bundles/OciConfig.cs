using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ocx.Sandbox.Bundles;

/// <summary>config.json of a bundle, as far as it is needed (OCI Runtime Specification 1.2, config.md).</summary>
internal sealed record OciConfig(
    string OciVersion,
    OciProcess Process,
    OciRoot Root,
    string Hostname,
    IReadOnlyList<OciMount> Mounts,
    OciLinux Linux
);

/// <summary>The first process. No member of <c>capabilities</c> means none of them.</summary>
internal sealed record OciProcess(
    OciUser User,
    IReadOnlyList<string> Args,
    IReadOnlyList<string> Env,
    string Cwd,
    OciCapabilities Capabilities,
    IReadOnlyList<OciLimit> Rlimits,
    bool NoNewPrivileges
);

/// <summary>As whom it runs.</summary>
internal sealed record OciUser(uint Uid, uint Gid);

/// <summary>What it may do that others may not: nothing.</summary>
internal sealed record OciCapabilities;

/// <summary>A limit of setrlimit(2).</summary>
internal sealed record OciLimit(string Type, ulong Hard, ulong Soft);

/// <summary>The root folder.</summary>
internal sealed record OciRoot(string Path, bool Readonly);

/// <summary>A mount.</summary>
internal sealed record OciMount(string Destination, string Type, string Source, IReadOnlyList<string>? Options = null);

/// <summary>What is of Linux alone.</summary>
internal sealed record OciLinux(IReadOnlyList<OciNamespace> Namespaces);

/// <summary>A namespace; without a path a new one.</summary>
internal sealed record OciNamespace(string Type);

/// <summary>What gVisor does when a sandbox starts (runsc's <c>--pod-init-config</c>).</summary>
internal sealed record InitConfig([property: JsonPropertyName("trace_session")] TraceSession TraceSession);

/// <summary>What it tells, and whom (pkg/sentry/seccheck/config.go, SessionConfig).</summary>
internal sealed record TraceSession(string Name, IReadOnlyList<TracePoint> Points, IReadOnlyList<TraceSink> Sinks);

/// <summary>An event of which it tells.</summary>
internal sealed record TracePoint(string Name);

/// <summary>Whom it tells.</summary>
internal sealed record TraceSink(string Name, TraceEndpoint Config);

/// <summary>The Unix socket of one that listens.</summary>
internal sealed record TraceEndpoint(string Endpoint);

/// <summary>How bundles are written.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OciConfig))]
[JsonSerializable(typeof(InitConfig))]
internal sealed partial class BundleJson : JsonSerializerContext;
