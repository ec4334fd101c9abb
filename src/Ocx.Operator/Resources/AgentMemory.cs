using k8s.Models;
using Ocx.Api;
using Ocx.Text;

namespace Ocx.Operator.Resources;

/// <summary>
/// The agent's requests and limits. The kernel charges the ring buffer to the pod, so memory follows its size.
/// </summary>
internal static class AgentMemory
{
    private const long ProcessRequest = 48L << 20;

    // The DaemonSet leaves what following calls may hold at the agent's default.
    private const long Calls = AgentFootprint.DefaultCalls;

    public static V1ResourceRequirements Resources(string ringSize, bool isAudited = false)
    {
        var process = AgentFootprint.Process(isAudited ? Calls + AgentFootprint.AuditQueue : Calls);
        var ring = RingSize.ToBytes(ringSize);
        return new V1ResourceRequirements
        {
            Requests = new Dictionary<string, ResourceQuantity>
            {
                ["cpu"] = new("20m"),
                ["memory"] = Memory(ProcessRequest + ring),
            },
            Limits = new Dictionary<string, ResourceQuantity> { ["memory"] = Memory(process + ring) },
        };
    }

    // The API server keeps quantities as they are written, if they are written in its own way.
    private static ResourceQuantity Memory(long bytes) => new(ByteSize.Format(bytes));
}
