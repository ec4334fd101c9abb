namespace Ocx.Audit.Wire;

/// <summary>
/// The longest that each field of the contract may be, in bytes (of texts: of UTF-8). <c>audit.proto</c> says what they
/// hold. Agents keep to them, and the auditor checks them.
/// </summary>
public static class AuditBounds
{
    /// <summary><c>Hello.version</c>.</summary>
    public const int Version = 64;

    /// <summary><c>Hello.node</c>.</summary>
    public const int Node = 253;

    /// <summary><c>Hello.instance</c>, exactly.</summary>
    public const int Instance = 16;

    /// <summary><c>key</c>, exactly.</summary>
    public const int Key = 32;

    /// <summary><c>Opened.method</c>.</summary>
    public const int Method = 128;

    /// <summary><c>Opened.tool</c>.</summary>
    public const int Tool = 1024;

    /// <summary><c>Opened.arguments</c>.</summary>
    public const int Arguments = 1 << 20;

    /// <summary><c>Opened.arguments_digest</c>, exactly, unless it is empty.</summary>
    public const int Digest = 32;

    /// <summary><c>Opened.session</c>.</summary>
    public const int Session = 256;

    /// <summary><c>Opened.protocol_version</c>.</summary>
    public const int ProtocolVersion = 64;

    /// <summary><c>Opened.traceparent</c>, exactly, unless it is empty.</summary>
    public const int TraceParent = 55;

    /// <summary><c>GateVerdict.reason</c>.</summary>
    public const int Reason = 1024;

    /// <summary><c>GateVerdict.revert_token</c> and <c>GateVerdict.approval</c>, each.</summary>
    public const int Reference = 512;

    /// <summary>How many <c>GatePods.uids</c> there are.</summary>
    public const int GatedPods = 4096;

    /// <summary><c>GatePods.uids</c>, each.</summary>
    public const int Uid = 64;

    /// <summary><c>Party.address</c>.</summary>
    public const int Address = 64;

    /// <summary><c>Party.namespace</c> and <c>Party.pod</c>, each.</summary>
    public const int Pod = 253;

    /// <summary><c>Party.workload</c>.</summary>
    public const int Workload = 317;

    /// <summary><c>Party.name</c> and <c>Party.version</c>, each.</summary>
    public const int PeerInfo = 256;
}
