using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Ocx.Api;

namespace Ocx.Operator.Resources;

/// <summary>
/// Whether an object still is what the operator wants, so that a steady state writes nothing. A hash in an annotation
/// shows that something else is wanted now, a removed field included; a comparison shows that someone else changed a
/// wanted field.
/// </summary>
internal static class Drift
{
    private const string HashAnnotation = OcxApi.Group + "/applied";

    /// <summary>Notes on an object what is wanted.</summary>
    public static T Stamp<T>(T wanted)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(KubernetesJson.Serialize(wanted))))[
            ..16
        ];
        wanted.SetAnnotation(HashAnnotation, hash);
        return wanted;
    }

    /// <summary>What is noted on an object.</summary>
    public static string HashOf<T>(T stamped)
        where T : IKubernetesObject<V1ObjectMeta> => stamped.GetAnnotation(HashAnnotation);

    /// <summary>Whether what is wanted of an object's metadata is not there.</summary>
    public static bool MetadataDiffers<T>(T actual, T wanted)
        where T : IKubernetesObject<V1ObjectMeta> =>
        !Contains(
            JsonNode.Parse(KubernetesJson.Serialize(actual.Metadata)),
            JsonNode.Parse(KubernetesJson.Serialize(wanted.Metadata))
        );

    /// <summary>Whether the object has to be applied.</summary>
    public static bool Differs<T>(T? actual, T wanted)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        if (actual is null)
        {
            return true;
        }

        var wantedNode = (JsonObject)JsonNode.Parse(KubernetesJson.Serialize(wanted))!;

        // Items of a list carry neither.
        wantedNode.Remove("apiVersion");
        wantedNode.Remove("kind");
        return !Contains(JsonNode.Parse(KubernetesJson.Serialize(actual)), wantedNode);
    }

    // The API server adds defaults to objects, and never to the lists that are wanted here.
    private static bool Contains(JsonNode? actual, JsonNode? wanted) =>
        wanted switch
        {
            JsonObject fields => actual is JsonObject actualFields
                && fields.All(field => Contains(actualFields[field.Key], field.Value)),
            JsonArray items => actual is JsonArray actualItems
                && items.Count == actualItems.Count
                && items.Zip(actualItems).All(pair => Contains(pair.Second, pair.First)),
            _ => JsonNode.DeepEquals(actual, wanted),
        };
}
