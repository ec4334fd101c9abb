using System.Globalization;
using System.Text.Json;
using Ocx.Mcp.JsonRpc;

namespace Ocx.Mcp.Records;

/// <summary>
/// The members of a record that few calls have: tasks, rounds, caching, tools' hints, what is deprecated.
/// </summary>
internal static class CallDetails
{
    private static readonly (McpDeprecated Feature, string Name)[] s_deprecated =
    [
        (McpDeprecated.Roots, "roots"),
        (McpDeprecated.Sampling, "sampling"),
        (McpDeprecated.Logging, "logging"),
        (McpDeprecated.IncludeContext, "includeContext"),
        (McpDeprecated.HttpSse, "http+sse"),
    ];

    private static readonly (ToolAnnotations Has, JsonEncodedText Name)[] s_hints =
    [
        (ToolAnnotations.HasReadOnly, CallFields.ReadOnlyHint),
        (ToolAnnotations.HasDestructive, CallFields.DestructiveHint),
        (ToolAnnotations.HasIdempotent, CallFields.IdempotentHint),
        (ToolAnnotations.HasOpenWorld, CallFields.OpenWorldHint),
    ];

    /// <summary>Writes those that the call has.</summary>
    public static void Write(Utf8JsonWriter to, CallRecord call)
    {
        WriteTask(to, call);
        WriteLink(to, CallFields.Continues, call.Continues);
        WriteLink(to, CallFields.ContinuedBy, call.ContinuedBy);
        if (call.TtlMs is { } ttl)
        {
            to.WriteNumber(CallFields.TtlMs, ttl);
        }

        if (call.CacheScope != McpCacheScope.None)
        {
            to.WriteString(CallFields.CacheScope, call.CacheScope == McpCacheScope.Public ? "public" : "private");
        }

        WriteAnnotations(to, call.Annotations);
        WriteDeprecated(to, call.Deprecated);
    }

    /// <summary>Writes the extensions that an end lists, as an array.</summary>
    public static void WriteExtensions(Utf8JsonWriter to, string extensions)
    {
        if (extensions.Length == 0)
        {
            return;
        }

        to.WriteStartArray(CallFields.Extensions);
        foreach (Range name in extensions.AsSpan().Split(','))
        {
            to.WriteStringValue(extensions.AsSpan()[name]);
        }

        to.WriteEndArray();
    }

    /// <summary>The features' names, in the order of the registry.</summary>
    public static IEnumerable<string> Names(McpDeprecated deprecated) =>
        s_deprecated.Where(feature => deprecated.HasFlag(feature.Feature)).Select(feature => feature.Name);

    /// <summary>A task's status as it stands on the wire; empty when nothing was said.</summary>
    public static string Name(McpTaskStatus status) =>
        status switch
        {
            McpTaskStatus.Working => "working",
            McpTaskStatus.InputRequired => "input_required",
            McpTaskStatus.Completed => "completed",
            McpTaskStatus.Failed => "failed",
            McpTaskStatus.Cancelled => "cancelled",
            _ => string.Empty,
        };

    private static void WriteTask(Utf8JsonWriter to, CallRecord call)
    {
        if (call.TaskId.Length == 0)
        {
            return;
        }

        to.WriteStartObject(CallFields.Task);
        to.WriteString(CallFields.Id, call.TaskId);
        if (call.TaskStatus != McpTaskStatus.None)
        {
            to.WriteString(CallFields.Status, Name(call.TaskStatus));
        }

        to.WriteEndObject();
    }

    private static void WriteLink(Utf8JsonWriter to, JsonEncodedText name, UInt128 link)
    {
        if (link != 0)
        {
            to.WriteString(name, link.ToString("x32", CultureInfo.InvariantCulture));
        }
    }

    private static void WriteAnnotations(Utf8JsonWriter to, ToolAnnotations annotations)
    {
        if (annotations == ToolAnnotations.None)
        {
            return;
        }

        to.WriteStartObject(CallFields.Annotations);
        foreach ((ToolAnnotations has, JsonEncodedText name) in s_hints)
        {
            if (annotations.Hint(has) is { } hint)
            {
                to.WriteBoolean(name, hint);
            }
        }

        to.WriteEndObject();
    }

    private static void WriteDeprecated(Utf8JsonWriter to, McpDeprecated deprecated)
    {
        if (deprecated == McpDeprecated.None)
        {
            return;
        }

        to.WriteStartArray(CallFields.Deprecated);
        foreach (string name in Names(deprecated))
        {
            to.WriteStringValue(name);
        }

        to.WriteEndArray();
    }
}
