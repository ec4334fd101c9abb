using k8s.Models;

namespace Ocx.Operator.Resources;

/// <summary>What the agents of a tap are given where its calls are audited.</summary>
/// <param name="Auditor">Their way to the auditor.</param>
/// <param name="Methods">The JSON-RPC methods whose calls are told of, in order.</param>
internal sealed record AgentAuditing(AuditorAccess Auditor, string Methods)
{
    /// <summary>The agent's settings.</summary>
    public IEnumerable<V1EnvVar> Environment =>
        Auditor.Environment.Append(new() { Name = "OCX_AUDIT_METHODS", Value = Methods });
}
