using System.Text.Json;
using Ocx.NodeAgent.Cluster;

namespace Ocx.NodeAgent.Tests;

/// <summary>Pods as the API server writes them.</summary>
internal static class PodDocuments
{
    public static PodDocument Read(string json) => JsonSerializer.Deserialize(json, PodJson.Default.PodDocument)!;

    public static PodDocument Pod(string name, IEnumerable<string>? addresses = null, string phase = "Running")
    {
        string ips = string.Join(',', (addresses ?? []).Select(ip => $$"""{"ip":"{{ip}}"}"""));
        return Read(
            $$$"""
            {"metadata":{"name":"{{{name}}}","namespace":"work","uid":"{{{name}}}"},
             "spec":{"containers":[{"name":"main"}]},
             "status":{"phase":"{{{phase}}}","startTime":"1970-01-01T00:00:01Z","podIPs":[{{{ips}}}]}}
            """
        );
    }
}
