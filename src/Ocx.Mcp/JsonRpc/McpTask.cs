namespace Ocx.Mcp.JsonRpc;

/// <summary>What a message says of a task. Ranges are of the text that was parsed.</summary>
public struct McpTask
{
    /// <summary><c>taskId</c>, or empty.</summary>
    public string Id
    {
        readonly get => field ?? string.Empty;
        set;
    }

    /// <summary>The whole <c>taskId</c>, as tasks are found by it.</summary>
    public JsonRpcId Key;

    /// <summary>Where it stands.</summary>
    public McpTaskStatus Status;

    /// <summary>True when it stands in a member <c>task</c> of the result, as in 2025-11-25.</summary>
    public bool IsMember;

    /// <summary>What it ended with: a result, an error, or neither.</summary>
    public JsonRpcKind Outcome;

    /// <summary>That result or error, JSON text.</summary>
    public Range Text;

    /// <summary><c>isError</c> of its result.</summary>
    public bool IsToolError;

    /// <summary><c>code</c> of its error.</summary>
    public int ErrorCode;
}
