using k8s.Models;
using Ocx.Auditor.Pods;

namespace Ocx.Auditor.Tests.Pods;

/// <summary>Pods as the API server has them.</summary>
internal static class PodObjects
{
    public static PodObject Pod(string name, string? node, params string[] addresses) =>
        new()
        {
            Metadata = new V1ObjectMeta
            {
                Name = name,
                NamespaceProperty = "shop",
                Uid = $"uid-{name}",
            },
            Spec = new PodPlace { NodeName = node },
            Status = new PodAddresses
            {
                Phase = "Running",
                PodIP = addresses.FirstOrDefault(),
                PodIPs = [.. addresses.Select(address => new PodAddress { Ip = address })],
            },
        };
}
