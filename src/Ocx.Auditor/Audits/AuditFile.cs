using System.Text.Json;
using System.Text.Json.Serialization;
using Ocx.Api;
using Ocx.Audit.Jury;
using Ocx.Auditor.Rehearsing;

namespace Ocx.Auditor.Audits;

/// <summary>Reads the McpAudits of a file, as they would be applied to a cluster.</summary>
internal static class AuditFile
{
    /// <summary>Reads a file, and makes each of its audits ready.</summary>
    /// <param name="path">The file.</param>
    /// <param name="remote">Makes the jurors that are outside of the process.</param>
    /// <param name="warn">Is told what an administrator should know of an audit that can be used.</param>
    /// <param name="shadows">Makes who rehearses calls; null where nobody does.</param>
    /// <exception cref="FormatException">
    /// The file cannot be read, or an audit in it cannot be used; the message has the file and all that is wrong.
    /// </exception>
    public static IReadOnlyList<ActiveAudit> Load(
        string path,
        Func<V1Alpha1Juror, IJuror> remote,
        Action<string> warn,
        Func<RehearsalTerms, IShadows>? shadows = null
    )
    {
        try
        {
            return [.. Read(File.ReadAllText(path)).Select(audit => Ready(audit, remote, warn, shadows))];
        }
        catch (Exception wrong) when (wrong is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"{path}: {wrong.Message}", wrong);
        }
    }

    private static List<V1Alpha1McpAudit> Read(string yaml)
    {
        var audits = new List<V1Alpha1McpAudit>();
        foreach (JsonElement document in YamlDocuments.Read(yaml))
        {
            audits.Add(ReadOne(document));
        }

        return audits.Count > 0 ? audits : throw new FormatException("there is no McpAudit in it");
    }

    private static ActiveAudit Ready(
        V1Alpha1McpAudit audit,
        Func<V1Alpha1Juror, IJuror> remote,
        Action<string> warn,
        Func<RehearsalTerms, IShadows>? shadows
    )
    {
        var builder = new AuditBuilder(TimeProvider.System, remote, shadows: shadows);
        ActiveAudit? active = builder.Build(audit);
        foreach (string warning in builder.Warnings)
        {
            warn($"{audit.Metadata.Name}: {warning}");
        }

        return active ?? throw new FormatException($"{audit.Metadata.Name}: {string.Join("; ", builder.Problems)}");
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
