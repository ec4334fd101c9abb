namespace Ocx.Gate.Http;

/// <summary>Where <see cref="ResponseFollower.Advance"/> stopped.</summary>
internal enum ResponseEvent
{
    /// <summary>At the end of what it was given.</summary>
    NeedMore,

    /// <summary>Behind a response's head: <see cref="ResponseFollower.Response"/> is known from here on.</summary>
    HeadComplete,

    /// <summary>Behind a response. An interim one (1xx) has an end too, and answers nothing.</summary>
    ResponseEnd,

    /// <summary>
    /// Before the first byte of an event of a stream: <see cref="ResponseFollower.EventStart"/>. A comment is one too.
    /// </summary>
    EventBegin,

    /// <summary>Behind an event: behind the first byte that ends its empty line.</summary>
    EventEnd,

    /// <summary>This is no HTTP/1, or its framing contradicts itself: nothing is known from here on.</summary>
    Lost,
}

/// <summary>The request that a response answers, as far as the response's framing depends on it.</summary>
internal enum AnsweredMethod : byte
{
    /// <summary>Any but those below.</summary>
    Other,

    /// <summary>HEAD: no body follows, whatever the head says.</summary>
    Head,

    /// <summary>CONNECT: a 2xx opens a tunnel.</summary>
    Connect,
}

/// <summary>What the first members of a JSON-RPC message show of it.</summary>
internal enum MessageKind : byte
{
    /// <summary>Nothing yet, or it cannot be told: no JSON object, a batch, a coded body, escaped names.</summary>
    Unknown,

    /// <summary>It has a <c>result</c> or an <c>error</c>: it answers a request.</summary>
    Answer,

    /// <summary>It has a <c>method</c>: a request or a notification.</summary>
    Request,
}
