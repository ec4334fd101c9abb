using Ocx.Sandbox.Networks;

namespace Ocx.Sandbox.Pooling;

/// <summary>What a shadow server is started with besides its spec: clones, and where it finds them.</summary>
/// <typeparam name="TClones">The clones; they are disposed of when the shadow's call is over.</typeparam>
/// <param name="Clones">The clones.</param>
/// <param name="Environment">Variables with their addresses, as they are in the sandbox.</param>
/// <param name="Forwards">The ports of its loopback that lead to them.</param>
public sealed record Attachment<TClones>(
    TClones Clones,
    IReadOnlyDictionary<string, string> Environment,
    IReadOnlyList<CloneForward> Forwards
)
    where TClones : IAsyncDisposable;
