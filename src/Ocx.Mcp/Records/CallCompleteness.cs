namespace Ocx.Mcp.Records;

/// <summary>What the record rests on.</summary>
public enum CallCompleteness
{
    /// <summary>Every byte of request and response was seen.</summary>
    Complete,

    /// <summary>A body was longer than the bound; its end was not read.</summary>
    Truncated,

    /// <summary>Only the headers were captured.</summary>
    Headers,

    /// <summary>Bytes of the request or the response passed unseen.</summary>
    Gap,

    /// <summary>Memory was short: the call was given up, or a part of it was not read or not kept.</summary>
    Shed,
}
