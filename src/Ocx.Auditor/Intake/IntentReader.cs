using System.Text;
using System.Text.RegularExpressions;
using Ocx.Audit.Intents;
using Ocx.Audit.Wire;
using Party = Ocx.Audit.Intents.Party;
using ToolHints = Ocx.Audit.Intents.ToolHints;

namespace Ocx.Auditor.Intake;

/// <summary>Reads what an agent tells of a call that is opened, and holds it to the contract's bounds.</summary>
internal static partial class IntentReader
{
    /// <summary>Reads one.</summary>
    /// <param name="opened">The message.</param>
    /// <param name="instance">What the agent's keys begin with.</param>
    /// <exception cref="FormatException">It does not keep to the contract.</exception>
    public static Intent Read(Opened opened, string instance)
    {
        Require(opened.TimeUnixNs >= 0, "time_unix_ns");
        Require(opened.Arguments.Length <= AuditBounds.Arguments, "arguments");
        Require(opened.ArgumentsDigest.Length is 0 or AuditBounds.Digest, "arguments_digest");
        return new Intent
        {
            Key = Key(opened.Key, instance),
            Time = DateTimeOffset.UnixEpoch.AddTicks(opened.TimeUnixNs / 100),
            Method = Text(opened.Method, AuditBounds.Method, "method"),
            Tool = Text(opened.Tool, AuditBounds.Tool, "tool"),
            Arguments = ArgumentsOf(opened),
            ArgumentsComplete = opened.ArgumentsComplete,
            ArgumentsDigest = Convert.ToHexStringLower(opened.ArgumentsDigest.Span),
            CredentialInArguments = opened.CredentialInArguments,
            RequestBytes = (long)Math.Min(opened.RequestBytes, long.MaxValue),
            Client = PartyOf(opened.Client, "client"),
            Server = PartyOf(opened.Server, "server"),
            Session = Text(opened.Session, AuditBounds.Session, "session"),
            ProtocolVersion = Text(opened.ProtocolVersion, AuditBounds.ProtocolVersion, "protocol_version"),
            TraceParent = TraceParentOf(opened.Traceparent),
            Hints = HintsOf(opened.Hints),
        };
    }

    /// <summary>A call's key, of an instance whose keys begin so.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static string Key(string key, string instance)
    {
        Require(IsHex(key, AuditBounds.Key) && key.StartsWith(instance, StringComparison.Ordinal), "key");
        return key;
    }

    /// <summary>Is this so many lower-case hexadecimal digits, as a call's key and an agent's instance are?</summary>
    public static bool IsHex(string text, int length) => text.Length == length && text.All(char.IsAsciiHexDigitLower);

    // The beginning of arguments may end within anything: it stands as a text.
    private static ReadOnlyMemory<byte> ArgumentsOf(Opened opened) =>
        opened.ArgumentsComplete || opened.Arguments.IsEmpty
            ? opened.Arguments.Memory
            : System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(Encoding.UTF8.GetString(opened.Arguments.Span));

    // A trace is no part of the verdict: a call with a bad one is judged as if it had none.
    private static string? TraceParentOf(string text) =>
        text.Length == AuditBounds.TraceParent && TraceParent().IsMatch(text) ? text : null;

    // W3C Trace Context, 3.2: version ff is none, and neither are a trace or span of zeros.
    [GeneratedRegex(@"\A(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}\z")]
    private static partial Regex TraceParent();

    private static Party PartyOf(Audit.Wire.Party? party, string name) =>
        party is null
            ? new Party()
            : new Party
            {
                Address = Text(party.Address, AuditBounds.Address, name),
                Via = Text(party.Via?.Address ?? string.Empty, AuditBounds.Address, name),
                Namespace = Text(party.Namespace, AuditBounds.Pod, name),
                Pod = Text(party.Pod, AuditBounds.Pod, name),
                Workload = Text(party.Workload, AuditBounds.Workload, name),
                Name = Text(party.Name, AuditBounds.PeerInfo, name),
                Version = Text(party.Version, AuditBounds.PeerInfo, name),
            };

    private static ToolHints HintsOf(Audit.Wire.ToolHints? hints) =>
        hints is null
            ? default
            : new ToolHints(
                hints.HasReadOnly ? hints.ReadOnly : null,
                hints.HasDestructive ? hints.Destructive : null,
                hints.HasIdempotent ? hints.Idempotent : null,
                hints.HasOpenWorld ? hints.OpenWorld : null
            );

    private static string Text(string text, int longest, string field)
    {
        Require(Encoding.UTF8.GetByteCount(text) <= longest, field);
        return text;
    }

    private static void Require(bool holds, string field)
    {
        if (!holds)
        {
            throw new FormatException($"{field} does not keep to its bounds");
        }
    }
}
