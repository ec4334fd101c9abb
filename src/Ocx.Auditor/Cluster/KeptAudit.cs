using Ocx.Api;
using Ocx.Auditor.Audits;

namespace Ocx.Auditor.Cluster;

/// <summary>An McpAudit of the cluster, and what became of its spec.</summary>
/// <param name="Object">As the API server has it.</param>
/// <param name="Active">
/// What judges: of this generation, or of the last one that could be used; null where there was none.
/// </param>
/// <param name="Secrets">What the jurors of this generation need of its namespace.</param>
/// <param name="Problems">Why the spec cannot be used; empty when it is.</param>
/// <param name="Warnings">What an administrator should know of a spec that is used.</param>
internal sealed record KeptAudit(
    V1Alpha1McpAudit Object,
    ActiveAudit? Active,
    ClusterSecrets Secrets,
    IReadOnlyList<string> Problems,
    IReadOnlyList<string> Warnings
);
