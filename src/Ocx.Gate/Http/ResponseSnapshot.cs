namespace Ocx.Gate.Http;

/// <summary>
/// The framing's state before a response's or an event's first byte: all that it takes to follow, or to rewrite, the
/// bytes from there on. It is a value, and stays as it is when the follower goes on.
/// </summary>
internal readonly struct ResponseSnapshot
{
    /// <summary>The offset of that byte.</summary>
    public long Offset { get; init; }

    /// <summary>True before an event, false before a response.</summary>
    public bool IsEvent { get; init; }

    /// <summary>What the response answers.</summary>
    public AnsweredMethod Answers { get; init; }

    /// <summary>The state of HTTP.</summary>
    public HttpFraming Http { get; init; }

    /// <summary>The state of the event stream.</summary>
    public EventFraming Events { get; init; }
}
