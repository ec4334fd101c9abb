using System.Globalization;
using System.Text;
using Google.Protobuf;
using Ocx.Audit.Wire;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tracing;

namespace Ocx.Audit.Link;

/// <summary>What the auditor is told of a call, within the contract's bounds.</summary>
public static class CallMessages
{
    /// <summary>A call's request is complete.</summary>
    /// <param name="call">The call.</param>
    /// <param name="client">Who the client is, as far as it is known already.</param>
    /// <param name="server">Who the server is, likewise.</param>
    /// <param name="maxArguments">What is told of arguments at most, in bytes; null tells nothing of them.</param>
    public static Opened Opened(CallRecord call, PeerIdentity? client, PeerIdentity? server, int? maxArguments)
    {
        ArgumentNullException.ThrowIfNull(call);
        ReadOnlySpan<byte> arguments = call.AuditedArguments;
        bool isCut = call.AuditedArgumentsCut || maxArguments is null || arguments.Length > maxArguments;
        return new()
        {
            Key = call.Key,
            TimeUnixNs = call.StartUnixNs,
            Method = Text(call.Method, AuditBounds.Method),
            Tool = Text(call.Name, AuditBounds.Tool),
            Arguments = ByteString.CopyFrom(arguments[..Math.Min(arguments.Length, maxArguments ?? 0)]),
            ArgumentsComplete = !isCut && call.Completeness == CallCompleteness.Complete,
            ArgumentsDigest = ByteString.CopyFrom(Convert.FromHexString(call.ArgumentsDigest)),
            CredentialInArguments = call.CredentialInArguments,
            RequestBytes = (ulong)call.RequestBytes,
            Client = Client(call, client),
            Server = Server(call, server),
            Session = Text(call.Session, AuditBounds.Session),
            ProtocolVersion = Text(call.ProtocolVersion, AuditBounds.ProtocolVersion),
            Hints = Hints(call.Annotations),
            Traceparent = TraceParent(call.TraceParent),
            Completeness = Of(call.Completeness),
            HeaderMismatch = call.HeaderMismatch,
            FromServer = call.FromServer,
        };
    }

    /// <summary>
    /// About what a message takes in memory, in bytes: arguments as they are, texts in UTF-16, and its objects.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="arguments">The arguments in it, in bytes.</param>
    public static int SizeOf(IMessage message, int arguments)
    {
        ArgumentNullException.ThrowIfNull(message);
        return 1024 + (2 * message.CalculateSize()) - arguments;
    }

    /// <summary>
    /// A text that fits, and that is text: what redaction leaves of half a surrogate pair is none, and what it puts in
    /// may be long.
    /// </summary>
    public static string Text(string text, int longest)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        }

        return CutText.Of(text, longest);
    }

    /// <summary>A call's client.</summary>
    /// <param name="call">The call.</param>
    /// <param name="who">Who the peer is, as far as it is known.</param>
    public static Party Client(CallRecord call, PeerIdentity? who)
    {
        ArgumentNullException.ThrowIfNull(call);
        // Who the peer is is known, and that it is not the client whom it names.
        if (call.NamedClient is not { } named)
        {
            return Party(call.Client.ToString(), call.ClientInfo, who);
        }

        Party client = Party(named.ToString(), call.ClientInfo, null);
        client.Via = Party(call.Client.ToString(), (string.Empty, string.Empty), who);
        return client;
    }

    /// <summary>A call's server.</summary>
    /// <param name="call">The call.</param>
    /// <param name="who">Who it is, as far as it is known.</param>
    public static Party Server(CallRecord call, PeerIdentity? who)
    {
        ArgumentNullException.ThrowIfNull(call);
        return Party(call.Server.ToString(), call.ServerInfo, who);
    }

    private static Party Party(string address, (string Name, string Version) info, PeerIdentity? who) =>
        new()
        {
            Address = address,
            Namespace = Text(who?.Namespace ?? string.Empty, AuditBounds.Pod),
            Pod = Text(who?.Pod ?? string.Empty, AuditBounds.Pod),
            Workload = Text(who?.Workload ?? string.Empty, AuditBounds.Workload),
            Name = Text(info.Name, AuditBounds.PeerInfo),
            Version = Text(info.Version, AuditBounds.PeerInfo),
        };

    private static ToolHints? Hints(ToolAnnotations said)
    {
        if (said == ToolAnnotations.None)
        {
            return null;
        }

        var hints = new ToolHints();
        if (said.Hint(ToolAnnotations.HasReadOnly) is { } readOnly)
        {
            hints.ReadOnly = readOnly;
        }

        if (said.Hint(ToolAnnotations.HasDestructive) is { } destructive)
        {
            hints.Destructive = destructive;
        }

        if (said.Hint(ToolAnnotations.HasIdempotent) is { } idempotent)
        {
            hints.Idempotent = idempotent;
        }

        if (said.Hint(ToolAnnotations.HasOpenWorld) is { } openWorld)
        {
            hints.OpenWorld = openWorld;
        }

        return hints;
    }

    private static string TraceParent(in TraceParent parent) =>
        parent.IsValue
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"00-{parent.TraceId:x32}-{parent.SpanId:x16}-{parent.Flags:x2}"
            )
            : string.Empty;

    /// <summary>What is missing, as the contract says it.</summary>
    public static Completeness Of(CallCompleteness completeness) =>
        completeness switch
        {
            CallCompleteness.Complete => Completeness.Complete,
            CallCompleteness.Truncated => Completeness.Truncated,
            CallCompleteness.Headers => Completeness.Headers,
            CallCompleteness.Gap => Completeness.Gap,
            _ => Completeness.Shed,
        };
}
