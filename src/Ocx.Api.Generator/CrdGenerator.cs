using System.Reflection;
using k8s;
using k8s.Models;
using Ocx.Api.Attributes;

namespace Ocx.Api.Generator;

/// <summary>Writes CustomResourceDefinitions from the C# types of the API.</summary>
public static class CrdGenerator
{
    /// <summary>Every CustomResourceDefinition of the product.</summary>
    /// <returns>File names and their YAML.</returns>
    public static IEnumerable<(string FileName, string Yaml)> All() =>
        new[]
        {
            typeof(V1Alpha1McpTap),
            typeof(V1Alpha1McpTapReport),
            typeof(V1Alpha1McpAudit),
            typeof(V1Alpha1McpApproval),
        }.Select(type => (FileName(type), Generate(type)));

    /// <summary>The CustomResourceDefinition of one kind.</summary>
    /// <param name="type">A type with <see cref="KubernetesEntityAttribute"/>.</param>
    /// <returns>YAML.</returns>
    public static string Generate(Type type)
    {
        var entity = type.GetCustomAttribute<KubernetesEntityAttribute>()!;
        var scope = type.GetCustomAttribute<EntityScopeAttribute>()!.Scope;
        var kubectl = type.GetCustomAttribute<KubectlNamesAttribute>();
        var names = new Dictionary<string, object>
        {
            ["kind"] = entity.Kind,
            ["listKind"] = entity.Kind + "List",
            ["plural"] = entity.PluralName,
            ["singular"] = entity.Kind.ToLowerInvariant(),
        };
        if (kubectl is not null)
        {
            names["shortNames"] = new[] { kubectl.ShortName };
            names["categories"] = new[] { kubectl.Category };
        }

        return "# Generated from the types in src/Ocx.Api by 'make crds'.\n"
            + KubernetesYaml.Serialize(
                new Dictionary<string, object>
                {
                    ["apiVersion"] = "apiextensions.k8s.io/v1",
                    ["kind"] = "CustomResourceDefinition",
                    ["metadata"] = new Dictionary<string, object> { ["name"] = $"{entity.PluralName}.{entity.Group}" },
                    ["spec"] = new Dictionary<string, object>
                    {
                        ["group"] = entity.Group,
                        ["scope"] = scope.ToString(),
                        ["names"] = names,
                        ["versions"] = new[] { Version(type, entity) },
                    },
                }
            );
    }

    private static string FileName(Type type)
    {
        var entity = type.GetCustomAttribute<KubernetesEntityAttribute>()!;
        return $"{entity.Group}_{entity.PluralName}.yaml";
    }

    private static Dictionary<string, object> Version(Type type, KubernetesEntityAttribute entity)
    {
        var version = new Dictionary<string, object>
        {
            ["name"] = entity.ApiVersion,
            ["served"] = true,
            ["storage"] = true,
            ["additionalPrinterColumns"] = type.GetCustomAttributes<GenericAdditionalPrinterColumnAttribute>()
                .OrderBy(column => column.Order)
                .Select(PrinterColumn)
                .ToList(),
            ["schema"] = new Dictionary<string, object> { ["openAPIV3Schema"] = OpenApiSchema.OfKind(type) },
        };
        if (type.IsDefined(typeof(StatusSubresourceAttribute)))
        {
            version["subresources"] = new Dictionary<string, object> { ["status"] = new Dictionary<string, object>() };
        }

        return version;
    }

    private static Dictionary<string, object> PrinterColumn(GenericAdditionalPrinterColumnAttribute column)
    {
        var result = new Dictionary<string, object>
        {
            ["name"] = column.Name,
            ["type"] = column.Type,
            ["jsonPath"] = column.JsonPath,
        };
        if (column.Priority > 0)
        {
            result["priority"] = column.Priority;
        }

        return result;
    }
}
