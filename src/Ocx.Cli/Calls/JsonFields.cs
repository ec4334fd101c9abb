using System.Text.Json;

namespace Ocx.Cli.Calls;

/// <summary>Fields of an object that may be absent or of another kind: lines come from programs of any version.</summary>
internal static class JsonFields
{
    /// <summary>A text; empty when there is none.</summary>
    public static string Text(this JsonElement of, string member) =>
        of.TryGetProperty(member, out JsonElement found) && found.ValueKind == JsonValueKind.String ? ReadText(found) : string.Empty;

    /// <summary>A whole number; 0 when there is none.</summary>
    public static long Number(this JsonElement of, string member) =>
        of.TryGetProperty(member, out JsonElement found) && found.ValueKind == JsonValueKind.Number && found.TryGetInt64(out long number) ? number : 0;

    // A lone surrogate is well-formed JSON and no text.
    private static string ReadText(JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return "?";
        }
    }
}
