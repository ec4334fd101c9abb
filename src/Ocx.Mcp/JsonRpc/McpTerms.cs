namespace Ocx.Mcp.JsonRpc;

/// <summary>What a result is (<c>resultType</c>, since 2026-07-28).</summary>
public enum McpResultType
{
    /// <summary>The request's own result; also of a revision or a kind that is not known.</summary>
    Complete,

    /// <summary>The server needs something of the client first: the client asks again with what is needed.</summary>
    InputRequired,

    /// <summary>The request goes on as a task.</summary>
    Task,
}

/// <summary>Where a task stands, as its server says.</summary>
public enum McpTaskStatus
{
    /// <summary>Nothing was said.</summary>
    None,

    /// <summary><c>working</c>.</summary>
    Working,

    /// <summary><c>input_required</c>: it waits for its client.</summary>
    InputRequired,

    /// <summary><c>completed</c>: it has a result, which may be a tool's failure.</summary>
    Completed,

    /// <summary><c>failed</c>.</summary>
    Failed,

    /// <summary><c>cancelled</c>.</summary>
    Cancelled,
}

/// <summary>Who may keep a result (<c>cacheScope</c>, since 2026-07-28).</summary>
public enum McpCacheScope
{
    /// <summary>Nothing was said.</summary>
    None,

    /// <summary><c>public</c>: anyone.</summary>
    Public,

    /// <summary><c>private</c>: who asked.</summary>
    Private,
}

/// <summary>Features of MCP that its deprecated features registry lists (2026-07-28).</summary>
[Flags]
public enum McpDeprecated
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary><c>roots/list</c>.</summary>
    Roots = 1,

    /// <summary><c>sampling/createMessage</c>.</summary>
    Sampling = 2,

    /// <summary><c>logging/setLevel</c>, <c>notifications/message</c>, or a log level in a request.</summary>
    Logging = 4,

    /// <summary><c>includeContext</c> of a sampling request, with another value than <c>none</c>.</summary>
    IncludeContext = 8,

    /// <summary>The HTTP+SSE transport of 2024-11-05.</summary>
    HttpSse = 16,
}
