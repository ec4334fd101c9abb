namespace Ocx.NodeAgent.Options;

/// <summary>Whose report is written, and how often.</summary>
public sealed record ReportOptions
{
    /// <summary>The McpTap (<c>OCX_TAP</c>).</summary>
    public required string Tap { get; init; }

    /// <summary>Its uid (<c>OCX_TAP_UID</c>): the report goes when the McpTap goes.</summary>
    public required string TapUid { get; init; }

    /// <summary>The node (<c>OCX_NODE_NAME</c>).</summary>
    public required string Node { get; init; }

    /// <summary>The namespace of the report (<c>OCX_NAMESPACE</c>).</summary>
    public required string Namespace { get; init; }

    /// <summary>The interval until the operator names another (<c>OCX_REPORT_INTERVAL</c>).</summary>
    public required TimeSpan Interval { get; init; }
}
