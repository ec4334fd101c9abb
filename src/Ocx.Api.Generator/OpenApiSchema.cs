using System.Collections;
using System.Reflection;
using System.Text.Json.Serialization;
using k8s.Models;
using Ocx.Api.Attributes;

namespace Ocx.Api.Generator;

/// <summary>
/// Structural OpenAPI v3 schemas of C# types, in plain rules only: validation expressions (CEL) would make the
/// definition unappliable on API servers that are older than them.
/// </summary>
internal static class OpenApiSchema
{
    /// <summary>The schema of a whole object.</summary>
    public static Dictionary<string, object> OfKind(Type type)
    {
        var schema = OfObject(type, withDefaults: true);
        var properties = (Dictionary<string, object>)schema["properties"];
        properties["apiVersion"] = new Dictionary<string, object> { ["type"] = "string" };
        properties["kind"] = new Dictionary<string, object> { ["type"] = "string" };
        properties["metadata"] = Metadata(type);
        return Described(schema, type);
    }

    // The API server allows rules for the name alone within metadata.
    private static Dictionary<string, object> Metadata(Type type)
    {
        var metadata = new Dictionary<string, object> { ["type"] = "object" };
        if (type.GetCustomAttribute<DnsLabelNameAttribute>() is { } name)
        {
            metadata["properties"] = new Dictionary<string, object>
            {
                ["name"] = new Dictionary<string, object>
                {
                    ["type"] = "string",
                    ["maxLength"] = name.MaximumLength,
                    ["pattern"] = OcxApi.TapNamePattern,
                },
            };
        }

        return metadata;
    }

    private static Dictionary<string, object> OfObject(Type type, bool withDefaults)
    {
        var initial = withDefaults && type.Assembly == typeof(OcxApi).Assembly ? Activator.CreateInstance(type) : null;
        var properties = new Dictionary<string, object>();
        var required = new List<string>();
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name is not { } name)
            {
                continue;
            }

            var isStatus = name == "status";
            var schema = OfProperty(property, withDefaults && !isStatus);
            // What has to be given has no default, and neither has what holds such a field.
            var isNeeded = property.IsDefined(typeof(RequiredAttribute)) || schema.ContainsKey("required");
            if (initial is not null && !isStatus && !isNeeded && property.GetValue(initial) is { } value)
            {
                schema["default"] =
                    IsScalar(property.PropertyType) || value is IList ? value : new Dictionary<string, object>();
            }

            properties[name] = schema;
            if (property.IsDefined(typeof(RequiredAttribute)))
            {
                required.Add(name);
            }
        }

        var result = new Dictionary<string, object> { ["type"] = "object" };
        if (required.Count > 0)
        {
            result["required"] = required;
        }

        result["properties"] = properties;
        return result;
    }

    private static Dictionary<string, object> OfProperty(PropertyInfo property, bool withDefaults)
    {
        var schema = OfType(property.PropertyType, withDefaults);
        var within = schema.GetValueOrDefault("items") ?? schema.GetValueOrDefault("additionalProperties");
        var element = within as Dictionary<string, object> ?? schema;
        foreach (var attribute in property.GetCustomAttributes())
        {
            switch (attribute)
            {
                case RangeMinimumAttribute range:
                    element["minimum"] = range.Minimum;
                    break;
                case RangeMaximumAttribute range:
                    element["maximum"] = range.Maximum;
                    break;
                case LengthAttribute length:
                    element["maxLength"] = length.Maximum;
                    if (length.Minimum > 0)
                    {
                        element["minLength"] = length.Minimum;
                    }

                    break;
                case PatternAttribute pattern:
                    element["pattern"] = pattern.Expression;
                    break;
                case AllowedValuesAttribute values:
                    element["enum"] = values.Values;
                    break;
                case MaxItemsAttribute items:
                    schema[schema.ContainsKey("items") ? "maxItems" : "maxProperties"] = items.Maximum;
                    break;
                case ListTypeAttribute list:
                    schema["x-kubernetes-list-type"] = list.Type;
                    if (list.Keys.Count > 0)
                    {
                        schema["x-kubernetes-list-map-keys"] = list.Keys;
                        element["required"] = (element.GetValueOrDefault("required") as List<string> ?? [])
                            .Union(list.Keys)
                            .ToList();
                    }

                    break;
            }
        }

        return Described(schema, property);
    }

    private static Dictionary<string, object> OfType(Type type, bool withDefaults)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (ScalarType(type) is { } scalar)
        {
            var schema = new Dictionary<string, object> { ["type"] = scalar.Type };
            if (scalar.Format is not null)
            {
                schema["format"] = scalar.Format;
            }

            return schema;
        }

        // A pattern binds what is written as text, a bound what is written as a number.
        if (type == typeof(ResourceQuantity))
        {
            return new()
            {
                ["x-kubernetes-int-or-string"] = true,
                ["pattern"] = ApiQuantity.Pattern,
                ["minimum"] = 0,
                ["maximum"] = ApiQuantity.MostDigits,
            };
        }

        if (type == typeof(IntOrString))
        {
            return new()
            {
                ["x-kubernetes-int-or-string"] = true,
                ["pattern"] = "^[0-9]{1,3}%$",
                ["minimum"] = 0,
                ["maximum"] = int.MaxValue,
            };
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IDictionary<,>))
        {
            return new()
            {
                ["type"] = "object",
                ["additionalProperties"] = OfType(type.GetGenericArguments()[1], withDefaults),
            };
        }

        if (type.IsGenericType && type.IsAssignableTo(typeof(IEnumerable)))
        {
            return new() { ["type"] = "array", ["items"] = OfType(type.GetGenericArguments()[0], withDefaults) };
        }

        return OfObject(type, withDefaults);
    }

    private static bool IsScalar(Type type) => ScalarType(Nullable.GetUnderlyingType(type) ?? type) is not null;

    private static (string Type, string? Format)? ScalarType(Type type) =>
        Type.GetTypeCode(type) switch
        {
            TypeCode.String => ("string", null),
            TypeCode.Boolean => ("boolean", null),
            TypeCode.Int32 => ("integer", "int32"),
            TypeCode.Int64 => ("integer", "int64"),
            TypeCode.DateTime => ("string", "date-time"),
            _ => null,
        };

    private static Dictionary<string, object> Described(Dictionary<string, object> schema, MemberInfo member)
    {
        if (member.GetCustomAttribute<DescriptionAttribute>() is { } description)
        {
            schema["description"] = description.Text;
        }

        return schema;
    }
}
