using System.Text.Json;
using k8s;
using k8s.Models;
using Ocx.Api;
using Ocx.Text;

namespace Ocx.Kube;

/// <summary>
/// An object of a list or a watch. One that cannot be read is that object's problem: it says so, and the next one
/// follows.
/// </summary>
/// <typeparam name="T">The kind.</typeparam>
/// <param name="Change">
/// <c>ADDED</c>, <c>MODIFIED</c>, <c>DELETED</c> or <c>BOOKMARK</c>; a list's objects are <c>ADDED</c>.
/// </param>
/// <param name="Namespace">Its namespace, where it has one and that much can be read.</param>
/// <param name="Name">Its name, where that much can be read.</param>
/// <param name="ResourceVersion">Its version, where that much can be read.</param>
/// <param name="Entity">
/// The object; null in a bookmark, or when it cannot be read. An McpTap or McpAudit is there with what can be
/// read of it.
/// </param>
/// <param name="Problem">Why it, or a part of it, cannot be read, fit to be shown.</param>
public readonly record struct ReadObject<T>(
    string Change,
    string? Namespace,
    string? Name,
    string? ResourceVersion,
    T? Entity,
    string? Problem
)
    where T : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Reads an object.</summary>
    internal static ReadObject<T> From(string change, JsonElement json)
    {
        var name = Metadata(json, "name");
        var namespaceName = Metadata(json, "namespace");
        var version = Metadata(json, "resourceVersion");
        if (change == "BOOKMARK")
        {
            return new(change, namespaceName, name, version, default, null);
        }

        if (string.IsNullOrEmpty(name))
        {
            return new(change, namespaceName, null, version, default, "It has no name.");
        }

        try
        {
            var entity = Read(json);
            var said = entity switch
            {
                V1Alpha1McpTap tap => tap.Problem,
                V1Alpha1McpAudit audit => audit.Problem,
                _ => null,
            };
            var problem = said is null ? null : WireText.Escape(said, ExceptionText.Longest);
            return entity?.Metadata is null
                ? new(change, namespaceName, name, version, default, "It is null.")
                : new(change, namespaceName, name, version, entity, problem);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // KubernetesClient's converters throw what they like: FormatException for a time, OverflowException for a
            // number.
            return new(change, namespaceName, name, version, default, exception.Shown());
        }
    }

    /// <summary>Reads what the API server sent.</summary>
    internal static T? Read(JsonElement json) =>
        typeof(T) == typeof(V1Alpha1McpTap)
            ? (T?)(object?)McpTapJson.Read(json, element => KubernetesJson.Deserialize<V1Alpha1McpTap>(element))
        : typeof(T) == typeof(V1Alpha1McpAudit)
            ? (T?)(object?)McpAuditJson.Read(json, element => KubernetesJson.Deserialize<V1Alpha1McpAudit>(element))
        : KubernetesJson.Deserialize<T>(json);

    /// <summary>The object's name in a message.</summary>
    public string Shown => Name is null ? "without a name" : WireText.Escape(Name, 300);

    private static string? Metadata(JsonElement json, string field) =>
        json.ValueKind == JsonValueKind.Object
        && json.TryGetProperty("metadata", out var metadata)
        && metadata.ValueKind == JsonValueKind.Object
        && metadata.TryGetProperty(field, out var value)
        && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
