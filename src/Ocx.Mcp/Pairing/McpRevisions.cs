namespace Ocx.Mcp.Pairing;

/// <summary>The revisions of MCP that change how calls are paired. They compare as text.</summary>
internal static class McpRevisions
{
    /// <summary>HTTP+SSE: requests are answered on a stream of their own.</summary>
    public const string Legacy = "2024-11-05";

    /// <summary>Stateless: a request stands alone, and closing its stream withdraws it.</summary>
    public const string Stateless = "2026-07-28";

    /// <summary>True for a revision that is stateless, by its date.</summary>
    public static bool IsStateless(string revision) =>
        revision is [>= '0' and <= '9', ..] && string.CompareOrdinal(revision, Stateless) >= 0;
}
