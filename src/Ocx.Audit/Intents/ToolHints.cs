namespace Ocx.Audit.Intents;

/// <summary>
/// What the server says of its tool (<c>annotations</c> of <c>tools/list</c>); null where it says nothing. MCP calls
/// them hints: a server may say what it likes.
/// </summary>
/// <param name="ReadOnly">It changes nothing.</param>
/// <param name="Destructive">It may destroy something.</param>
/// <param name="Idempotent">The same call again changes nothing more.</param>
/// <param name="OpenWorld">It reaches beyond the server's own data.</param>
public readonly record struct ToolHints(bool? ReadOnly, bool? Destructive, bool? Idempotent, bool? OpenWorld);
