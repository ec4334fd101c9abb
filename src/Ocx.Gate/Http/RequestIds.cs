namespace Ocx.Gate.Http;

/// <summary>The ids of the requests in a body, as JSON tokens: <c>7</c>, <c>"a-7"</c>.</summary>
internal sealed class RequestIds
{
    /// <summary>An id that is longer, in bytes as it was sent, makes the body unreadable.</summary>
    public const int LongestId = 256;

    /// <summary>More requests in a batch make it unreadable.</summary>
    public const int MostIds = 64;

    /// <summary>Those of a body that could not be read: an error for them has the id null.</summary>
    public static RequestIds Unknown { get; } = new([], isBatch: false);

    /// <summary>These.</summary>
    /// <param name="tokens">The ids as they were sent.</param>
    /// <param name="isBatch">The body is an array.</param>
    public RequestIds(IReadOnlyList<byte[]> tokens, bool isBatch) => (Tokens, IsBatch) = (tokens, isBatch);

    /// <summary>The ids in their order.</summary>
    public IReadOnlyList<byte[]> Tokens { get; }

    /// <summary>The body is an array, and so is its answer.</summary>
    public bool IsBatch { get; }
}
