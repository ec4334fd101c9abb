using System.Globalization;
using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Redaction;
using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Pairing;

/// <summary>What answers tell about the two ends, kept by session or connection, and as records show it.</summary>
internal sealed class Handshakes(SessionTable sessions, Redactor redactor)
{
    /// <summary>
    /// The handshake's answer fixes the version and names the server; the session header came with the same response.
    /// </summary>
    public void Learn(in JsonRpcMessage message, OpenCall call, in MessagePlace place)
    {
        if (message.Server.Name.Length > 0)
        {
            // A stateless server says who it is with each result, but not with an error.
            call.ServerInfo = place.Connection.Server = Clean(message.Server);
            place.Connection.ServerHost = place.Exchange?.Host ?? string.Empty;
            place.Connection.ServerTarget = place.Exchange?.Target ?? string.Empty;
            sessions.Charge(place.Connection);
        }

        if (call.Method == "initialize" && message.Kind == JsonRpcKind.Result)
        {
            call.ProtocolVersion =
                message.ProtocolVersion.Length > 0 ? redactor.Redact(message.ProtocolVersion) : call.ProtocolVersion;
            McpSession session = place.Exchange?.Session ?? place.Connection;
            call.Session = ShownId(session);
            session.Server = call.ServerInfo;
            if (place.Exchange is not { Session: null })
            {
                // Without a session a proxy may send the requests of many clients on one connection: who asked there
                // before tells nothing.
                (session.Client, session.ProtocolVersion) = (call.ClientInfo, call.ProtocolVersion);
            }

            sessions.Charge(session);
        }
    }

    /// <summary>Who answers there, as far as it is known.</summary>
    public static (string Name, string Version) ServerOf(McpSession known, in MessagePlace place) =>
        known != place.Connection && known.Server.Name.Length > 0 ? known.Server
        : place.Connection.HasServerOf(place.Exchange) ? place.Connection.Server
        : (string.Empty, string.Empty);

    /// <summary>The session's id as records show it.</summary>
    public string ShownId(McpSession session) => session.ShownId ??= redactor.Redact(session.Id);

    /// <summary>What an end says of itself, as records show it.</summary>
    public (string Name, string Version) Clean((string Name, string Version) info) =>
        (redactor.Redact(info.Name), redactor.Redact(info.Version));

    /// <summary>
    /// A session of its own for a stream of the 2024-11-05 transport: whatever its endpoint is, no other stream shares
    /// it.
    /// </summary>
    public McpSession SessionOfStream(IpEndpoint server, EndpointUrl endpoint)
    {
        McpSession session = sessions.FindOrAdd(
            server,
            string.Create(CultureInfo.InvariantCulture, $"{endpoint.Target}\n{sessions.NextScope()}")
        );
        session.ShownId = redactor.Redact(endpoint.Shown);
        return session;
    }
}
