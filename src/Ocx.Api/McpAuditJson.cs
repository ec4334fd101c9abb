using System.Text.Json;

namespace Ocx.Api;

/// <summary>
/// Reads an McpAudit as the API server sent it, whatever it holds. What cannot be read of a spec is
/// <see cref="V1Alpha1McpAudit.Problem"/>, so that the audit can still be named, and its status be shown and written.
/// </summary>
public static class McpAuditJson
{
    /// <summary>Reads an audit.</summary>
    /// <param name="json">The object.</param>
    /// <param name="read">The deserialiser.</param>
    /// <returns>The audit; null where there is none.</returns>
    /// <exception cref="JsonException">Not even its metadata can be read.</exception>
    public static V1Alpha1McpAudit? Read(JsonElement json, Func<JsonElement, V1Alpha1McpAudit?> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        return LenientObject.Read(
            json,
            null,
            read,
            audit => audit.Spec is not null,
            (audit, problem) =>
            {
                audit.Spec = new V1Alpha1McpAuditSpec();
                audit.Problem = problem;
            }
        );
    }
}
