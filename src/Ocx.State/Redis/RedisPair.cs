namespace Ocx.State.Redis;

/// <summary>The two servers of a clone.</summary>
/// <param name="Now">The one that the shadow works on.</param>
/// <param name="Before">The one that keeps the state before.</param>
internal sealed record RedisPair(RedisServer Now, RedisServer Before);
