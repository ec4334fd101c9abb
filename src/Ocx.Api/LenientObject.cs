using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ocx.Api;

/// <summary>
/// Reads an object of ours as the API server sent it, whatever it holds: an earlier definition, or one that was applied
/// by hand, accepts what the present one does not.
/// </summary>
internal static class LenientObject
{
    /// <summary>Reads an object.</summary>
    /// <param name="json">The object.</param>
    /// <param name="problem">Why its spec cannot be read, if that is known already.</param>
    /// <param name="read">The deserialiser.</param>
    /// <param name="hasSpec">Whether it has a spec.</param>
    /// <param name="without">Gives it an empty spec, and the problem.</param>
    /// <returns>The object; null where there is none.</returns>
    /// <exception cref="JsonException">Not even its metadata can be read.</exception>
    public static T? Read<T>(
        JsonElement json,
        string? problem,
        Func<JsonElement, T?> read,
        Func<T, bool> hasSpec,
        Action<T, string> without
    )
        where T : class
    {
        if (problem is null)
        {
            try
            {
                var whole = read(json);
                if (whole is not null && hasSpec(whole))
                {
                    return whole;
                }

                problem = "spec: it is null";
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // KubernetesClient's converters throw what they like: FormatException, OverflowException,
                // NotSupportedException.
                problem = MessageOf(exception);
            }
        }

        var rest = Without(json, "spec");
        T? named;
        try
        {
            named = read(rest);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            named = ReadMetadata(rest, read);
        }

        if (named is not null)
        {
            without(named, problem);
        }

        return named;
    }

    // Where in the line it stands changes with whatever else is in the object, and says nobody anything.
    private static string MessageOf(Exception exception) =>
        exception.Message.IndexOf(" | LineNumber", StringComparison.Ordinal) is var end && end >= 0
            ? exception.Message[..end]
            : exception.Message;

    // A status that cannot be read is written anew.
    private static T? ReadMetadata<T>(JsonElement json, Func<JsonElement, T?> read)
    {
        try
        {
            return read(Without(json, "status"));
        }
        catch (Exception exception) when (exception is not (JsonException or OutOfMemoryException))
        {
            throw new JsonException(exception.Message, exception);
        }
    }

    private static JsonElement Without(JsonElement json, string field)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return json;
        }

        var rest = JsonObject.Create(json)!;
        rest.Remove(field);
        using var document = JsonDocument.Parse(rest.ToJsonString());
        return document.RootElement.Clone();
    }
}
