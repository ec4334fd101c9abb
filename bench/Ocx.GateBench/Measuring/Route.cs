using System.Net;
using Ocx.GateBench.Calls;
using Ocx.GateBench.Programs;
using Ocx.Netfilter;

namespace Ocx.GateBench.Measuring;

/// <summary>A way to the server.</summary>
internal sealed record Route
{
    public required string Name { get; init; }

    /// <summary>Where the client reaches it.</summary>
    public required IPEndPoint Address { get; init; }

    /// <summary>The server's namespace, as ip-netns(8) names it.</summary>
    public required string Namespace { get; init; }

    public required NetworkNamespace Client { get; init; }

    /// <summary>The gate on the way, or nginx; null when neither is.</summary>
    public Started? Between { get; init; }

    /// <summary>Who judges calls on the way; null when nobody does.</summary>
    public Started? Judge { get; init; }

    public McpConnection Connect() => new(Client, Address);
}
