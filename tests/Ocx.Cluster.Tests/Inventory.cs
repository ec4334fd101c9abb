using System.Text.Json.Nodes;

namespace Ocx.Cluster.Tests;

/// <summary>What a cluster has of ocx-tap, whatever its kind.</summary>
internal static class Inventory
{
    // Of a kind that goes by itself, after an hour.
    private const string Events = "events";

    /// <summary>
    /// Waits until nothing is left: what the API server derives from other objects goes a moment after them.
    /// </summary>
    public static Task NothingIsLeftAsync(this Release release) =>
        Eventually.TrueAsync(
            async () => (await release.ObjectsAsync()).Length == 0,
            "nothing of ocx-tap is left in the cluster",
            async () => string.Join(", ", await release.ObjectsAsync())
        );

    /// <summary>
    /// Names all objects, of all kinds that the API server lists, that have ocx or mcp in their name, namespace or
    /// group; not the tests' own workloads, nor nodes that are called so.
    /// </summary>
    private static async Task<string[]> ObjectsAsync(this Release release)
    {
        string nodes = await release.KubectlAsync("get", "nodes", "--output=name");
        string kinds = await release.KubectlAsync("api-resources", "--verbs=list", "--output=name");
        string[] listed =
        [
            .. kinds.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(kind => kind.Split('.')[0] != Events),
        ];
        string all = await release.KubectlAsync("get", string.Join(',', listed), "--all-namespaces", "--output=json");
        return
        [
            .. from item in JsonNode.Parse(all)!["items"]!.AsArray()
            let name = (string)item!["metadata"]!["name"]!
            let space = (string?)item["metadata"]!["namespace"]
            let text = $"{item["apiVersion"]}/{item["kind"]} {space}/{name}"
            where text.Contains("ocx", StringComparison.Ordinal) || text.Contains("mcp", StringComparison.Ordinal)
            where space != Release.Workloads && name != Release.Workloads
            where !nodes.Split('\n').Contains($"node/{name}")
            orderby text
            select text,
        ];
    }
}
