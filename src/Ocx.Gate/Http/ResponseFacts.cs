using Ocx.Mcp.Http;

namespace Ocx.Gate.Http;

/// <summary>What a response's head says of it.</summary>
internal readonly record struct ResponseFacts
{
    /// <summary>Its place among the final responses of the connection, from 0; an interim one has the next's.</summary>
    public long Index { get; init; }

    /// <summary>100 to 599.</summary>
    public int Status { get; init; }

    /// <summary>1xx: another response to the same request follows. 101 is none: it is the last.</summary>
    public bool IsInterim => Status is >= 100 and < 200 and not 101;

    /// <summary>What its body is.</summary>
    public ContentKind Content { get; init; }

    /// <summary>The body is coded (Content-Encoding, or a transfer coding beneath chunked).</summary>
    public bool IsCoded { get; init; }

    /// <summary>The body's length; -1 where the head does not say it, 0 where there can be none.</summary>
    public long ContentLength { get; init; }

    /// <summary>The body comes in chunks.</summary>
    public bool IsChunked { get; init; }

    /// <summary>The body lasts until the connection closes.</summary>
    public bool LastsUntilClose { get; init; }
}
