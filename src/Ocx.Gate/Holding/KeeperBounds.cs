using Ocx.Mcp.Pairing;

namespace Ocx.Gate.Holding;

/// <summary>The bounds of one worker.</summary>
internal sealed record KeeperBounds
{
    /// <summary>Names calls.</summary>
    public required CallKeys Keys { get; init; }

    /// <summary>The methods whose arguments are hashed, so that an approval can be bound to them.</summary>
    public IReadOnlyList<string> Methods { get; init; } = ["tools/call", "prompts/get", "resources/read"];

    /// <summary>Packets that wait, and requests that may be refused: bytes.</summary>
    public long MaxHeldBytes { get; init; } = 32 << 20;

    /// <summary>What the parser may take, in bytes.</summary>
    public long MaxParserBytes { get; init; } = 16 << 20;

    /// <summary>The longest request that is held, in bytes.</summary>
    public int LongestRequest { get; init; } = 1 << 20;

    /// <summary>Connections at once.</summary>
    public int MaxConnections { get; init; } = 65_536;
}
