namespace Ocx.Mcp.JsonRpc;

/// <summary>
/// What a message may be about: each method says it by one member of <c>params</c>, and servers do not look at the
/// others. The method may stand behind <c>params</c>, so all of them are kept until it is known. The last of two with
/// the same name counts, as it does for most servers.
/// </summary>
internal struct McpSubject
{
    /// <summary><c>params.name</c>, or null.</summary>
    public string? Name;

    /// <summary><c>params.uri</c>, or null.</summary>
    public string? Uri;

    /// <summary>The name, or else the URI, of <c>params.ref</c>; or null.</summary>
    public string? Reference;

    /// <summary>The one that counts for a method, or empty.</summary>
    public readonly string Of(string method) =>
        method switch
        {
            "tools/call" or "prompts/get" => Name,
            "resources/read" or "resources/subscribe" or "resources/unsubscribe" => Uri,
            "notifications/resources/updated" => Uri,
            "completion/complete" => Reference,
            _ => Name ?? Uri ?? Reference, // a method of no revision, or one that is not known yet
        } ?? string.Empty;

    /// <summary>With what is known better.</summary>
    public readonly McpSubject With(in McpSubject better) =>
        new()
        {
            Name = better.Name ?? Name,
            Uri = better.Uri ?? Uri,
            Reference = better.Reference ?? Reference,
        };
}
