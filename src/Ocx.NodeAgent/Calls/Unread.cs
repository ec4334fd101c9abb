using Ocx.Api;
using Ocx.Mcp;

namespace Ocx.NodeAgent.Calls;

/// <summary>From the tracker's counts to those of the API: what was seen and not read.</summary>
internal static class Unread
{
    /// <summary>Each kind by its name.</summary>
    public static UnreadCounts Of(in McpStats stats) =>
        new()
        {
            Tls = stats.Tls,
            Http2 = stats.Http2,
            Upgraded = stats.Upgraded,
            OtherProtocol = stats.UnknownStreams,
            HttpLost = stats.HttpLost,
            MalformedJson = stats.MalformedJson,
            TooDeepJson = stats.TooDeepJson,
            Undecodable = stats.Undecodable,
            DecodeLimit = stats.DecodeLimited,
            Oversize = stats.Oversize,
            Shed = stats.Shed,
        };
}
