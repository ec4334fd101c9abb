using System.Text.Json;
using System.Text.Json.Serialization;
using Ocx.Api;

namespace Ocx.Auditor.Audits;

/// <summary>Reads the McpAudits of a file, as they would be applied to a cluster.</summary>
internal static class AuditFile
{
    /// <summary>Reads a file's text.</summary>
    /// <exception cref="FormatException">
    /// It is no YAML, or holds something else than McpAudits that can be read.
    /// </exception>
    public static IReadOnlyList<V1Alpha1McpAudit> Read(string yaml)
    {
        var audits = new List<V1Alpha1McpAudit>();
        foreach (JsonElement document in YamlDocuments.Read(yaml))
        {
            audits.Add(ReadOne(document));
        }

        return audits.Count > 0 ? audits : throw new FormatException("there is no McpAudit in it");
    }

    private static V1Alpha1McpAudit ReadOne(JsonElement document)
    {
        if (
            document.ValueKind != JsonValueKind.Object
            || Text(document, "kind") != V1Alpha1McpAudit.KubeKind
            || Text(document, "apiVersion") != OcxApi.GroupVersion
        )
        {
            throw new FormatException(
                $"each document must be of kind {V1Alpha1McpAudit.KubeKind} and apiVersion {OcxApi.GroupVersion}"
            );
        }

        V1Alpha1McpAudit audit;
        try
        {
            audit = document.Deserialize(AuditFileJson.Default.V1Alpha1McpAudit)!;
        }
        catch (JsonException wrong)
        {
            throw new FormatException($"{wrong.Path}: {wrong.Message}", wrong);
        }

        return string.IsNullOrEmpty(audit.Metadata?.Name)
            ? throw new FormatException("an McpAudit must have metadata.name")
            : audit;
    }

    private static string? Text(JsonElement document, string name) =>
        document.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}

/// <summary>Strict: a field that is misspelt is an error, as kubectl has it.</summary>
[JsonSerializable(typeof(V1Alpha1McpAudit))]
[JsonSourceGenerationOptions(UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
internal sealed partial class AuditFileJson : JsonSerializerContext;
