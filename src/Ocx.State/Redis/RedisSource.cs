namespace Ocx.State.Redis;

/// <summary>A Redis or Valkey server that is cloned, and by whom.</summary>
public sealed record RedisSource
{
    /// <summary>The name that effects are told under.</summary>
    public required string Name { get; init; }

    /// <summary>Its host's name or address.</summary>
    public required string Host { get; init; }

    /// <summary>Its port.</summary>
    public int Port { get; init; } = 6379;

    /// <summary>
    /// The user that replicates (<c>+psync +replconf +ping +info</c>); null for the default user, whose password
    /// <see cref="Password"/> is.
    /// </summary>
    public string? User { get; init; }

    /// <summary>Its password; null when the source asks for none.</summary>
    public string? Password { get; init; }

    /// <summary>The user that the shadow works as, with the clone's password.</summary>
    public string ShadowUser { get; init; } = "default";

    /// <summary>The server's program, 7.0 or later, which reads what the source writes.</summary>
    public string Program { get; init; } = "/usr/bin/redis-server";

    /// <summary>It without the password.</summary>
    public override string ToString() => $"{Name}: {User ?? "default"}@{Host}:{Port}";
}
