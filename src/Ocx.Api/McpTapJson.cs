using System.Text.Json;

namespace Ocx.Api;

/// <summary>
/// Reads an McpTap as the API server sent it, whatever it holds: an earlier definition, or one that was applied by
/// hand, accepts what the present one does not. What cannot be read of a spec is <see cref="V1Alpha1McpTap.Problem"/>,
/// so that the tap can still be named, and its status be shown and written.
/// </summary>
public static class McpTapJson
{
    private static readonly string[] s_quantities = ["limits", "requests"];

    /// <summary>Reads a tap.</summary>
    /// <param name="json">The object.</param>
    /// <param name="read">The deserialiser.</param>
    /// <returns>The tap; null where there is none.</returns>
    /// <exception cref="JsonException">Not even its metadata can be read.</exception>
    public static V1Alpha1McpTap? Read(JsonElement json, Func<JsonElement, V1Alpha1McpTap?> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        return LenientObject.Read(
            json,
            QuantityProblem(json),
            read,
            tap => tap.Spec is not null,
            (tap, problem) =>
            {
                tap.Spec = new V1Alpha1McpTapSpec();
                tap.Problem = problem;
            }
        );
    }

    // Before anything computes with them: to read 1e999999999 takes gigabytes.
    private static string? QuantityProblem(JsonElement json)
    {
        if (Field(Field(json, "spec"), "resources") is not { } resources)
        {
            return null;
        }

        foreach (var name in s_quantities)
        {
            if (Field(resources, name) is not { ValueKind: JsonValueKind.Object } quantities)
            {
                continue;
            }

            foreach (var quantity in quantities.EnumerateObject())
            {
                var isOne = quantity.Value.ValueKind switch
                {
                    JsonValueKind.String => ApiQuantity.IsOne(quantity.Value.GetString()!),
                    JsonValueKind.Number => ApiQuantity.IsOne(quantity.Value.GetRawText()),
                    _ => false,
                };
                if (!isOne)
                {
                    var text = quantity.Value.ToString();
                    return $"spec.resources.{name}.{quantity.Name}: '{text}' is no quantity such as 512Mi or 0.5";
                }
            }
        }

        return null;
    }

    private static JsonElement? Field(JsonElement? json, string name) =>
        json is { ValueKind: JsonValueKind.Object } fields && fields.TryGetProperty(name, out var value) ? value : null;
}
