using System.Text.Json;
using Ocx.Text;

namespace Ocx.Audit.Intents;

/// <summary>
/// An intent as JSON, for whoever judges it from outside (docs/schemas/call-review-v1.json). What is not known is left
/// out.
/// </summary>
public static class IntentJson
{
    /// <summary>Writes one JSON object.</summary>
    /// <param name="to">Made with <see cref="WireJson.WriterOptions"/>: names and arguments are text of others.</param>
    /// <param name="intent">The intent.</param>
    public static void Write(Utf8JsonWriter to, Intent intent)
    {
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(intent);
        to.WriteStartObject();
        to.WriteString("key", intent.Key);
        to.WriteString("time", intent.Time);
        to.WriteString("method", intent.Method);
        WriteText(to, "tool", intent.Tool);
        to.WriteString("class", intent.Class == CallClass.Reversible ? "Reversible" : "Irreversible");
        if (!intent.Arguments.IsEmpty)
        {
            to.WritePropertyName("arguments");
            WireJson.WriteValue(to, intent.Arguments.Span);
        }

        to.WriteBoolean("argumentsComplete", intent.ArgumentsComplete);
        WriteText(to, "argumentsDigest", intent.ArgumentsDigest);
        if (intent.CredentialInArguments)
        {
            to.WriteBoolean("credentialInArguments", true);
        }

        to.WriteNumber("requestBytes", intent.RequestBytes);
        WriteHints(to, intent.Hints);
        WriteParty(to, "client", intent.Client);
        WriteParty(to, "server", intent.Server);
        WriteText(to, "session", intent.Session);
        WriteText(to, "protocolVersion", intent.ProtocolVersion);
        to.WriteEndObject();
    }

    private static void WriteHints(Utf8JsonWriter to, ToolHints hints)
    {
        if (hints == default)
        {
            return;
        }

        to.WriteStartObject("annotations");
        WriteFlag(to, "readOnlyHint", hints.ReadOnly);
        WriteFlag(to, "destructiveHint", hints.Destructive);
        WriteFlag(to, "idempotentHint", hints.Idempotent);
        WriteFlag(to, "openWorldHint", hints.OpenWorld);
        to.WriteEndObject();
    }

    private static void WriteParty(Utf8JsonWriter to, string name, Party party)
    {
        to.WriteStartObject(name);
        WriteText(to, "address", party.Address);
        WriteText(to, "namespace", party.Namespace);
        WriteText(to, "pod", party.Pod);
        WriteText(to, "workload", party.Workload);
        WriteText(to, "name", party.Name);
        WriteText(to, "version", party.Version);
        to.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter to, string name, string value)
    {
        if (value.Length > 0)
        {
            to.WriteString(name, value);
        }
    }

    private static void WriteFlag(Utf8JsonWriter to, string name, bool? value)
    {
        if (value is { } known)
        {
            to.WriteBoolean(name, known);
        }
    }
}
